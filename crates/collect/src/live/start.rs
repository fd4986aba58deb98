//! What the browser clients of Segment and RudderStack ask for when they start.

use super::answer::Answer;
use super::request::Request;
use crate::json::write_string;

/// Segment's settings: events go to this server, and nowhere else.
pub(super) fn settings(request: &Request<'_>, key: &str) -> Answer {
    let host = request.header("host").unwrap_or("localhost");
    let is_local = ["localhost", "127.", "[::1]"].iter().any(|it| host.starts_with(it));
    let forwarded = request.header("x-forwarded-proto");
    let protocol = forwarded.unwrap_or(if is_local { "http" } else { "https" });
    let mut body = String::from("{\"integrations\":{\"Segment.io\":{\"apiKey\":");
    write_string(&mut body, key);
    body.push_str(",\"apiHost\":");
    write_string(&mut body, &format!("{host}/v1"));
    body.push_str(",\"protocol\":");
    write_string(&mut body, protocol);
    body.push_str(
        ",\"unbundledIntegrations\":[],\"addBundledMetadata\":true,\
         \"maybeBundledConfigIds\":{},\"versionSettings\":{\"version\":\"4.4.7\",\
         \"componentTypes\":[\"browser\"]}}},\"plan\":{\"track\":{\"__default\":{\"enabled\":true,\
         \"integrations\":{}}},\"identify\":{\"__default\":{\"enabled\":true}},\
         \"group\":{\"__default\":{\"enabled\":true}}},\"edgeFunction\":{},\
         \"analyticsNextEnabled\":true,\"middlewareSettings\":{},\"enabledMiddleware\":{},\
         \"metrics\":{\"sampleRate\":0},\"legacyVideoPluginsEnabled\":false,\
         \"remotePlugins\":[]}",
    );
    Answer::json(200, body)
}

/// `RudderStack`'s settings: a source that is switched on, with no destinations.
pub(super) fn source_config(name: &str, key: &str) -> Answer {
    let mut body = String::from("{\"source\":{\"id\":");
    write_string(&mut body, name);
    body.push_str(",\"name\":");
    write_string(&mut body, name);
    body.push_str(",\"writeKey\":");
    write_string(&mut body, key);
    body.push_str(
        ",\"enabled\":true,\"workspaceId\":\"firsthand\",\"updatedAt\":\"2026-01-01T00:00:00.000Z\",\
         \"config\":{\"statsCollection\":{\"errors\":{\"enabled\":false},\
         \"metrics\":{\"enabled\":false}}},\"connections\":[],\"destinations\":[],\
         \"dataplanes\":{}},\"updatedAt\":\"2026-01-01T00:00:00.000Z\"}",
    );
    Answer::json(200, body)
}
