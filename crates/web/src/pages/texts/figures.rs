//! The figures of a backtest, and what each is. Their codes are the lab's.

use super::texts;

texts! {
    /// The figures of a backtest, and what each is.
    Figures {
        subjects: "Subjects", "对象", "對象";
        subjects_is: "Those who began within the cohort and are not excluded.", "在所选日期内开始且未被排除者。", "在所選日期內開始且未被排除者。";
        qualified: "Qualified", "合格", "合格";
        qualified_is: "Their first qualification was known before their first outcome, with the whole window observed.",
            "首次合格在首个结果之前得知，且期限已完整观察。", "首次合格在首個結果之前得知，且期限已完整觀察。";
        per_week: "Qualified a week", "每周合格", "每週合格";
        per_week_is: "First qualifications, those too early to say included, divided by the weeks.", "首次合格数（含为时尚早者）除以周数。", "首次合格數（含為時尚早者）除以週數。";
        hits: "Hits", "命中", "命中";
        hits_is: "Their first outcome came after the qualification was known, and within the window.", "首个结果在得知合格之后、期限之内出现。", "首個結果在得知合格之後、期限之內出現。";
        precision: "Precision", "精确率", "精確率";
        precision_is: "Hits among the qualified.", "合格者中的命中占比。", "合格者中的命中占比。";
        recall: "Recall", "召回率", "召回率";
        recall_is: "Hits among all whose first outcome could be foreseen.", "在所有可预见首个结果者中的命中占比。", "在所有可預見首個結果者中的命中占比。";
        recall_of_all: "Recall of all", "总召回率", "總召回率";
        recall_of_all_is: "Hits among all who have an outcome.", "在所有有结果者中的命中占比。", "在所有有結果者中的命中占比。";
        f1: "F1", "F1", "F1";
        f1_is: "The harmonic mean of precision and recall.", "精确率与召回率的调和平均。", "精確率與召回率的調和平均。";
        base: "Base rate", "基准比率", "基準比率";
        base_is: "Of all, those who had the outcome within the window after they began.", "所有对象中，在开始后的期限内达成结果者。", "所有對象中，在開始後的期限內達成結果者。";
        lift: "Lift over base", "相对基准的提升", "相對基準的提升";
        lift_is: "Precision divided by the base rate.", "精确率除以基准比率。", "精確率除以基準比率。";
        controls: "Same time and age", "同时同龄者", "同時同齡者";
        controls_is: "The share of the unqualified of the same time and age that had the outcome in the same window.",
            "同一时间、同样时长的未合格者在同一期限内达成结果的占比。", "同一時間、同樣時長的未合格者在同一期限內達成結果的占比。";
        matched: "Precision, matched", "匹配后的精确率", "配對後的精確率";
        matched_is: "Hits among the qualified that have somebody to compare with.", "有可比对象的合格者中的命中占比。", "有可比對象的合格者中的命中占比。";
        matched_lift: "Lift, same time and age", "同时同龄的提升", "同時同齡的提升";
        matched_lift_is: "The one divided by the other.", "前者除以后者。", "前者除以後者。";
        controls_mean: "Compared with", "可比对象数", "可比對象數";
        controls_mean_is: "The unqualified of the same time and age for one qualification, on average.", "每次合格平均对应的同时同龄未合格者数量。", "每次合格平均對應的同時同齡未合格者數量。";
        lead_days: "Median lead time, days", "提前天数中位数", "提前天數中位數";
        lead_days_is: "From the known qualification to the outcome, of the hits.", "命中者从得知合格到结果的天数。", "命中者從得知合格到結果的天數。";
        value_total: "Value of hits", "命中总价值", "命中總價值";
        value_total_is: "Worth of the hits' first outcomes, together.", "命中者首个结果的总价值。", "命中者首個結果的總價值。";
        value_mean: "Value of a hit", "单次命中价值", "單次命中價值";
        value_mean_is: "The same on average, over those that tell it.", "同上的平均值，仅统计有记录者。", "同上的平均值，僅統計有記錄者。";
        too_early: "Too early to say", "为时尚早", "為時尚早";
        too_early_is: "Their window was not over when history ends: neither hit nor miss.", "记录结束时期限未满：既非命中也非未中。", "記錄結束時期限未滿：既非命中也非未中。";
        too_early_converted: "Of these, with the outcome already", "其中已有结果", "其中已有結果";
        too_early_converted_is: "Those too early to say that have their outcome already.", "为时尚早者中已有结果者。", "為時尚早者中已有結果者。";
        too_late: "Too late", "为时已晚", "為時已晚";
        too_late_is: "Their qualification was known only with the first outcome or after it: nothing was foreseen.", "首个结果出现时或之后才得知合格：未能预见。", "首個結果出現時或之後才得知合格：未能預見。";
        lapsed: "Lapsed", "已失效", "已失效";
        lapsed_is: "Their qualification no longer held when it became known.", "得知时已不再合格。", "得知時已不再合格。";
    }
}

impl Figures {
    /// What a figure is called and what it is; `None` for one that these pages do not know.
    pub fn of(&self, code: &str) -> Option<(&'static str, &'static str)> {
        Some(match code {
            "subjects" => (self.subjects, self.subjects_is),
            "qualified" => (self.qualified, self.qualified_is),
            "per_week" => (self.per_week, self.per_week_is),
            "hits" => (self.hits, self.hits_is),
            "precision" => (self.precision, self.precision_is),
            "recall" => (self.recall, self.recall_is),
            "recall_of_all" => (self.recall_of_all, self.recall_of_all_is),
            "f1" => (self.f1, self.f1_is),
            "base" => (self.base, self.base_is),
            "lift" => (self.lift, self.lift_is),
            "controls" => (self.controls, self.controls_is),
            "matched" => (self.matched, self.matched_is),
            "matched_lift" => (self.matched_lift, self.matched_lift_is),
            "controls_mean" => (self.controls_mean, self.controls_mean_is),
            "lead_days" => (self.lead_days, self.lead_days_is),
            "value_total" => (self.value_total, self.value_total_is),
            "value_mean" => (self.value_mean, self.value_mean_is),
            "too_early" => (self.too_early, self.too_early_is),
            "too_early_converted" => (self.too_early_converted, self.too_early_converted_is),
            "too_late" => (self.too_late, self.too_late_is),
            "lapsed" => (self.lapsed, self.lapsed_is),
            _ => return None,
        })
    }
}
