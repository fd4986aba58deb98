//! What PostHog's clients ask for when they start. All of it is switched off: nothing here depends
//! on it, and without an answer some clients wait.

use crate::json::write_string;
use crate::live::answer::Answer;

/// What a browser may do, for `/array/TOKEN/config`.
fn config(token: &str) -> String {
    let mut text = String::from("{\"token\":");
    write_string(&mut text, token);
    text.push_str(
        ",\"supportedCompression\":[\"gzip\",\"gzip-js\"],\"hasFeatureFlags\":false,\
         \"captureDeadClicks\":false,\"capturePerformance\":false,\"autocapture_opt_out\":true,\
         \"autocaptureExceptions\":false,\"analytics\":{\"endpoint\":\"/i/v0/e/\"},\
         \"elementsChainAsString\":true,\"sessionRecording\":false,\"heatmaps\":false,\
         \"surveys\":false,\"defaultIdentifiedOnly\":true,\"siteApps\":[]}",
    );
    text
}

/// The configuration as JSON.
pub(in crate::live) fn remote_config(token: &str) -> Answer {
    Answer::json(200, config(token))
}

/// The same as a script, which puts it where the browser's client looks.
pub(in crate::live) fn remote_config_script(token: &str) -> Answer {
    let mut key = String::new();
    write_string(&mut key, token);
    let config = config(token);
    let script = format!(
        "(function(){{window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}};\
         window._POSTHOG_REMOTE_CONFIG[{key}]={{config:{config},siteApps:[]}};}})();"
    );
    // A token is a stranger's text: it may not end the script.
    let script = script.replace('<', "\\u003c");
    Answer::new(200, "application/javascript", script.into_bytes())
}

/// No feature flags.
pub(in crate::live) fn flags() -> Answer {
    let body = "{\"flags\":{},\"featureFlags\":{},\"featureFlagPayloads\":{},\
                \"errorsWhileComputingFlags\":false,\"sessionRecording\":false,\
                \"supportedCompression\":[\"gzip\",\"gzip-js\"]}";
    Answer::json(200, body.to_owned())
}

/// The same for older clients, which ask for everything at once.
pub(in crate::live) fn decide() -> Answer {
    let body = "{\"config\":{\"enable_collect_everything\":false},\"editorParams\":{},\
                \"isAuthenticated\":false,\"supportedCompression\":[\"gzip\",\"gzip-js\"],\
                \"featureFlags\":{},\"featureFlagPayloads\":{},\"errorsWhileComputingFlags\":false,\
                \"sessionRecording\":false,\"siteApps\":[],\"capturePerformance\":false,\
                \"autocapture_opt_out\":true,\"surveys\":false}";
    Answer::json(200, body.to_owned())
}
