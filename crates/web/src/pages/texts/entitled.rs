//! What an account may use.

use super::texts;

texts! {
    /// What an account may use.
    Entitled {
        title: "What it may use", "可用功能", "可用功能";
        none: "The project's plans name no features.", "项目的套餐未列出功能。", "專案的方案未列出功能。";
        allowed: "Allowed", "可用", "可用";
        refused: "Not allowed", "不可用", "不可用";
        used_of: "{n} of {m} used", "已用 {n} / {m}", "已用 {n} / {m}";
        used: "{n} used", "已用 {n}", "已用 {n}";
        left: "{n} left", "剩余 {n}", "剩餘 {n}";
        nothing_left: "nothing left", "已用完", "已用完";
        unlimited: "no limit", "无上限", "無上限";
        not_in: "not in the plan {plan}", "套餐 {plan} 不包含", "方案 {plan} 不包含";
        no_plan: "on no plan", "没有套餐", "沒有方案";
        resets: "starts again {time}", "{time} 重新计算", "{time} 重新計算";
    }
}
