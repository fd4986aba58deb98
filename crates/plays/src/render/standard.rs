//! The messages that come with the program.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use firsthand_model::config::Message;
use firsthand_model::message::InAppForm;

use super::{own_message, words_of};

/// What users are sent where a step names no message: what speaks for upgrading now, by what is
/// known of the account.
pub(crate) static STANDARD: LazyLock<Message> = LazyLock::new(|| {
    let english = words_of(
        "{% if nearest %}{{ nearest.used }} of {{ nearest.limit }} {{ nearest.name }} are in use\
         {% elif trial_days_left is defined %}{{ trial_days_left }} \
         {% if trial_days_left == 1 %}day is{% else %}days are{% endif %} left of your trial\
         {% else %}You get a lot out of {{ project or \"our product\" }}{% endif %}",
        "{% if nearest %}You are close to what your plan\
         {% if plan %} {{ plan }}{% endif %} allows. \
         {% if next_plan %}{{ next_plan }} has room for what comes next, and nothing you made is \
         lost.{% else %}A larger plan has room for what comes next.{% endif %}\
         {% elif trial_days_left is defined %}Choose a plan to keep everything you have set up.\
         {% else %}Your team uses it like few others. \
         {% if next_plan %}{{ next_plan }} gives you more of it.{% endif %}{% endif %}",
        &["{% if members > 1 %}{{ members }} people of your team work with it{% endif %}"],
        "",
    );
    let simplified = words_of(
        "{% if nearest %}{{ nearest.name }}：已使用 {{ nearest.used }}，上限为 {{ nearest.limit }}\
         {% elif trial_days_left is defined %}试用期还剩 {{ trial_days_left }} 天\
         {% else %}您正在充分使用 {{ project or \"我们的产品\" }}{% endif %}",
        "{% if nearest %}您即将达到当前方案{% if plan %}“{{ plan }}”{% endif %}的上限。\
         {% if next_plan %}升级到“{{ next_plan }}”即可获得更多空间，现有内容会全部保留。\
         {% else %}更高的方案可以提供更多空间。{% endif %}\
         {% elif trial_days_left is defined %}选择一个方案，即可保留您已设置的全部内容。\
         {% else %}您的团队使用得非常深入。\
         {% if next_plan %}“{{ next_plan }}”可以为您提供更多功能。{% endif %}{% endif %}",
        &["{% if members > 1 %}您的团队中有 {{ members }} 人在使用{% endif %}"],
        "",
    );
    let traditional = words_of(
        "{% if nearest %}{{ nearest.name }}：已使用 {{ nearest.used }}，上限為 {{ nearest.limit }}\
         {% elif trial_days_left is defined %}試用期還剩 {{ trial_days_left }} 天\
         {% else %}您正在充分使用 {{ project or \"我們的產品\" }}{% endif %}",
        "{% if nearest %}您即將達到目前方案{% if plan %}「{{ plan }}」{% endif %}的上限。\
         {% if next_plan %}升級到「{{ next_plan }}」即可獲得更多空間，現有內容會全部保留。\
         {% else %}更高的方案可以提供更多空間。{% endif %}\
         {% elif trial_days_left is defined %}選擇一個方案，即可保留您已設定的全部內容。\
         {% else %}您的團隊使用得非常深入。\
         {% if next_plan %}「{{ next_plan }}」可以為您提供更多功能。{% endif %}{% endif %}",
        &["{% if members > 1 %}您的團隊中有 {{ members }} 人在使用{% endif %}"],
        "",
    );
    let languages =
        BTreeMap::from([("zh-Hans".into(), simplified), ("zh-Hant".into(), traditional)]);
    own_message("standard", InAppForm::Banner, english, languages, None)
});
