//! The fixed phrases of what the team is sent, by language.

use super::nearest_language;
use firsthand_model::Text;

/// The phrases of one language.
#[derive(Debug)]
pub(crate) struct Phrases {
    pub why: &'static str,
    pub usage: &'static str,
    pub people: &'static str,
    pub to_say: &'static str,
    pub of: &'static str,
    pub no_limit: &'static str,
    pub plan: &'static str,
    pub next_plan: &'static str,
    pub stage: &'static str,
    pub trial_left: &'static str,
    pub answer_by: &'static str,
    pub open: &'static str,
    pub accept: &'static str,
    pub reject: &'static str,
    pub snooze: &'static str,
    pub qualified: [&'static str; 3],
    pub reminder: &'static str,
    pub reassigned: &'static str,
    pub digest: &'static str,
    pub no_longer: &'static str,
    pub unsubscribe_hint: &'static str,
}

static ENGLISH: Phrases = Phrases {
    why: "Why now",
    usage: "Usage",
    people: "People to talk to",
    to_say: "To talk about",
    of: "of",
    no_limit: "not limited",
    plan: "Plan",
    next_plan: "The plan that comes next",
    stage: "Stage",
    trial_left: "days of trial left",
    answer_by: "Answer by",
    open: "Open the lead",
    accept: "Accept",
    reject: "Reject because …",
    snooze: "Tomorrow",
    qualified: ["is ready to buy", "is interested", "outgrows its plan"],
    reminder: "Still waiting for an answer",
    reassigned: "Now yours: nobody answered in time",
    digest: "new leads for you",
    no_longer: "no longer so",
    unsubscribe_hint: "You get this because you use our product.",
};

static SIMPLIFIED: Phrases = Phrases {
    why: "原因",
    usage: "用量",
    people: "联系人",
    to_say: "谈话要点",
    of: "/",
    no_limit: "无上限",
    plan: "方案",
    next_plan: "下一个方案",
    stage: "阶段",
    trial_left: "天试用期剩余",
    answer_by: "请于此前答复",
    open: "打开线索",
    accept: "接受",
    reject: "拒绝，原因…",
    snooze: "明天再说",
    qualified: ["已准备购买", "表现出兴趣", "即将超出方案"],
    reminder: "仍在等待答复",
    reassigned: "已转交给您：未按时答复",
    digest: "条新线索",
    no_longer: "已不再成立",
    unsubscribe_hint: "您收到此邮件是因为您正在使用我们的产品。",
};

static TRADITIONAL: Phrases = Phrases {
    why: "原因",
    usage: "用量",
    people: "聯絡人",
    to_say: "談話要點",
    of: "/",
    no_limit: "無上限",
    plan: "方案",
    next_plan: "下一個方案",
    stage: "階段",
    trial_left: "天試用期剩餘",
    answer_by: "請於此前答覆",
    open: "打開線索",
    accept: "接受",
    reject: "拒絕，原因…",
    snooze: "明天再說",
    qualified: ["已準備購買", "表現出興趣", "即將超出方案"],
    reminder: "仍在等待答覆",
    reassigned: "已轉交給您：未按時答覆",
    digest: "條新線索",
    no_longer: "已不再成立",
    unsubscribe_hint: "您收到此郵件是因為您正在使用我們的產品。",
};

/// The phrases that come nearest to a language; English where there are none.
pub(crate) fn phrases(language: &str) -> &'static Phrases {
    let known = [Text::new_static("en"), "zh-Hans".into(), "zh-Hant".into()];
    match nearest_language(language, &known.iter()).as_deref() {
        Some("zh-Hans") => &SIMPLIFIED,
        Some("zh-Hant") => &TRADITIONAL,
        _ => &ENGLISH,
    }
}
