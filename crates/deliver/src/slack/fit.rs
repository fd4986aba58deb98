//! Messages within Slack's limits: what is too long is cut with an ellipsis, what is too much is
//! left out. A message that Slack would refuse whole is worse than one whose end is missing.

use serde_json::{Value, json};

/// Blocks of one message.
const BLOCKS_MAX: usize = 50;
/// Letters of the text that stands in for the blocks.
const TEXT_CHARS_MAX: usize = 4_000;
/// Fields of a section, elements of actions and of a context, and options of a menu.
const FIELDS_MAX: usize = 10;
const ACTIONS_MAX: usize = 25;
const CONTEXT_MAX: usize = 10;
const OPTIONS_MAX: usize = 100;

/// The text of notifications.
pub(super) fn text(text: &str) -> String {
    cut(text, TEXT_CHARS_MAX)
}

/// The blocks, read from their JSON; none where it is no array.
pub(super) fn blocks(json: &str) -> Value {
    let Ok(Value::Array(mut blocks)) = serde_json::from_str::<Value>(json) else {
        return Value::Array(Vec::new());
    };
    blocks.truncate(BLOCKS_MAX);
    for block in &mut blocks {
        fit_block(block);
    }
    Value::Array(blocks)
}

/// Says for whom a message is that goes elsewhere: below its header, and in the text.
pub(super) fn address(body: &mut Value, whom: &str) {
    let whom = whom.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let said = format!("→ {whom}");
    if let Some(blocks) = body["blocks"].as_array_mut() {
        let place = usize::from(blocks.first().is_some_and(|it| it["type"] == "header"));
        let element = json!({ "type": "mrkdwn", "text": said });
        blocks.insert(place, json!({ "type": "context", "elements": [element] }));
        blocks.truncate(BLOCKS_MAX);
    }
    let text = body["text"].as_str().unwrap_or_default();
    body["text"] = cut(&format!("{said}: {text}"), TEXT_CHARS_MAX).into();
}

fn fit_block(block: &mut Value) {
    let kind = block["type"].as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "header" => fit_text(&mut block["text"], 150),
        "section" => {
            if block.get("text").is_some() {
                fit_text(&mut block["text"], 3_000);
            }
            fit_items(block, "fields", FIELDS_MAX, |it| fit_text(it, 2_000));
            if let Some(accessory) = block.get_mut("accessory") {
                fit_element(accessory);
            }
        }
        "context" => fit_items(block, "elements", CONTEXT_MAX, |it| {
            cut_in(it, "text", 3_000);
        }),
        "actions" => fit_items(block, "elements", ACTIONS_MAX, fit_element),
        _ => {}
    }
    cut_in(block, "block_id", 255);
}

fn fit_element(element: &mut Value) {
    for text in ["text", "placeholder"] {
        if element.get(text).is_some_and(Value::is_object) {
            let most = if text == "text" { 75 } else { 150 };
            fit_text(&mut element[text], most);
        }
    }
    cut_in(element, "value", 2_000);
    fit_items(element, "options", OPTIONS_MAX, |option| {
        fit_text(&mut option["text"], 75);
        cut_in(option, "value", 150);
    });
}

fn fit_items(of: &mut Value, name: &str, most: usize, fit: impl Fn(&mut Value)) {
    if let Some(Value::Array(items)) = of.get_mut(name) {
        items.truncate(most);
        items.iter_mut().for_each(fit);
    }
}

/// Cuts the text of a text object.
fn fit_text(object: &mut Value, most: usize) {
    cut_in(object, "text", most);
}

fn cut_in(object: &mut Value, name: &str, most: usize) {
    if let Some(Value::String(text)) = object.get_mut(name) {
        *text = cut(text, most);
    }
}

/// At most so many letters, as Slack counts them: a tag that would be cut in two is left out.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(most - 1).collect();
    if let Some(open) = kept.rfind('<')
        && !kept[open..].contains('>')
    {
        kept.truncate(open);
    }
    if let Some(entity) = kept.rfind('&')
        && !kept[entity..].contains(';')
        && kept.len() - entity < 6
    {
        kept.truncate(entity);
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(message: &Value) -> Value {
        blocks(&message.to_string())
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let message = json!([
            { "type": "header", "text": { "type": "plain_text", "text": "Acme" } },
            { "type": "section", "text": { "type": "mrkdwn", "text": "*why*" },
              "fields": [{ "type": "mrkdwn", "text": "contacts" }] },
            { "type": "actions", "elements": [
                { "type": "button", "text": { "type": "plain_text", "text": "Accept" },
                  "action_id": "lead_accept", "value": "lead_1" }] },
        ]);
        assert_eq!(of(&message), message);
        assert_eq!(blocks("no JSON"), json!([]));
    }

    #[test]
    fn what_is_too_long_or_too_much_is_cut() {
        let long = "x".repeat(5_000);
        let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": long },
            "fields": vec![json!({ "type": "mrkdwn", "text": long }); 12] });
        let header = json!({ "type": "header", "text": { "type": "plain_text", "text": long } });
        let button = json!({ "type": "button", "value": long,
            "text": { "type": "plain_text", "text": long } });
        let actions = json!({ "type": "actions", "elements": vec![button; 30] });
        let mut many = vec![section, header, actions];
        many.resize(60, json!({ "type": "divider" }));
        let fitted = of(&Value::Array(many));
        let chars = |it: &Value| it.as_str().unwrap().chars().count();
        assert_eq!(fitted.as_array().unwrap().len(), 50);
        assert_eq!(chars(&fitted[0]["text"]["text"]), 3_000);
        assert_eq!(fitted[0]["fields"].as_array().unwrap().len(), 10);
        assert_eq!(chars(&fitted[0]["fields"][9]["text"]), 2_000);
        assert_eq!(chars(&fitted[1]["text"]["text"]), 150);
        assert_eq!(fitted[2]["elements"].as_array().unwrap().len(), 25);
        assert_eq!(chars(&fitted[2]["elements"][0]["text"]["text"]), 75);
        assert_eq!(chars(&fitted[2]["elements"][0]["value"]), 2_000);
    }

    #[test]
    fn neither_a_link_nor_an_escaped_letter_is_cut_in_two() {
        assert_eq!(cut("see <https://x.example|it>", 12), "see …");
        assert_eq!(cut("salt &amp; pepper", 9), "salt …");
        assert_eq!(cut("é€ü日", 3), "é€…");
    }
}
