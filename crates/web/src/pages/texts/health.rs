//! How definitions fare, in their list.

use super::texts;

texts! {
    /// How definitions fare, in their list.
    Health {
        table: "Definitions and how they fare", "定义及其表现", "定義及其表現";
        entries: "Entries a week", "每周进入", "每週進入";
        spark: "Entries a week over {n} full weeks up to {date}: {counts}", "截至 {date} 的 {n} 个完整周，每周进入：{counts}", "截至 {date} 的 {n} 個完整週，每週進入：{counts}";
        week_title: "Week of {date}: {n}", "{date} 当周：{n}", "{date} 當週：{n}";
        as_usual: "as usual", "与往常相当", "與往常相當";
        more: "more than usual", "多于往常", "多於往常";
        more_accounts: "more than usual, of more accounts", "多于往常，客户也更多", "多於往常，客戶也更多";
        more_persons: "more than usual, of more people", "多于往常，人员也更多", "多於往常，人員也更多";
        fewer: "fewer than usual", "少于往常", "少於往常";
        fewer_of_accounts: "as usual, but of more accounts", "与往常相当，但客户更多", "與往常相當，但客戶更多";
        fewer_of_persons: "as usual, but of more people", "与往常相当，但人员更多", "與往常相當，但人員更多";
        too_few: "too few to say", "数量太少，无法判断", "數量太少，無法判斷";
        too_short: "too few weeks to say", "周数太少，无法判断", "週數太少，無法判斷";
        was: "{low} to {high} times the {n} before", "此前 {n} 的 {low} 至 {high} 倍", "此前 {n} 的 {low} 至 {high} 倍";
        was_open: "at least {low} times the {n} before", "至少为此前 {n} 的 {low} 倍", "至少為此前 {n} 的 {low} 倍";

        precision: "Precision", "精确率", "精確率";
        fell: "fell by {n} points", "下降 {n} 个百分点", "下降 {n} 個百分點";
        rose: "rose by {n} points", "上升 {n} 个百分点", "上升 {n} 個百分點";
        no_change: "no clear change", "无明显变化", "無明顯變化";
        before: "{share} before: {n} of {m}", "发布前 {share}（{m} 个中的 {n} 个）", "發布前 {share}（{m} 個中的 {n} 個）";
        only_before: "{n} of {m}, before publication", "发布前 {m} 个中的 {n} 个", "發布前 {m} 個中的 {n} 個";
        of: "{n} of {m} since published", "发布后 {m} 个中的 {n} 个", "發布後 {m} 個中的 {n} 個";
        of_early: "{n} of {m} since published; {k} too early", "发布后 {m} 个中的 {n} 个；{k} 个为时尚早", "發布後 {m} 個中的 {n} 個；{k} 個為時尚早";
        none_since: "since then nobody yet", "发布后尚无", "發布後尚無";
        early_since: "since then {n}, too early to say", "发布后 {n} 个，为时尚早", "發布後 {n} 個，為時尚早";

        open_leads: "Open leads", "待处理线索", "待處理潛在客戶";
        holds_share: "{share} of {n}", "占 {n} 的 {share}", "占 {n} 的 {share}";
        never: "Has never held", "从未成立", "從未成立";
        silent: "Nobody for 12 weeks", "12 周无人进入", "12 週無人進入";
        nearly_all: "Holds for nearly all", "几乎全部成立", "幾乎全部成立";

        finding_well: "No definition fares worse than before", "没有定义的表现变差", "沒有定義的表現變差";
        finding_one: "{n} definition is to be looked at", "{n} 个定义需要查看", "{n} 個定義需要查看";
        finding_many: "{n} definitions are to be looked at", "{n} 个定义需要查看", "{n} 個定義需要查看";
        counted_over: "Counted over the history from {from} to {to}, by when an entry was known. Usual is what the last {recent} full weeks are held against: the weeks before, up to 8. Precision is, of those who enter first and were watched for 14 days, how many reached the outcome: known since the version was published, against known before.",
            "统计 {from}至{to}的历史，按得知进入的时间计。“往常”指最近 {recent} 个完整周之前的各周，最多 8 周。精确率指首次进入并观察满 14 天的对象中达到结果的比例：发布后得知的与发布前得知的相比。",
            "統計 {from}至{to}的歷史，按得知進入的時間計。「往常」指最近 {recent} 個完整週之前的各週，最多 8 週。精確率指首次進入並觀察滿 14 天的對象中達到結果的比例：發布後得知的與發布前得知的相比。";
        chance: "Something is said only where its 95% interval leaves no doubt; of twenty definitions that are as they were, one may still be told to have changed.",
            "仅当 95% 区间明确时才会提示；即使毫无变化，二十个定义中仍可能有一个被误判为有变化。",
            "僅當 95% 區間明確時才會提示；即使毫無變化，二十個定義中仍可能有一個被誤判為有變化。";
        preparing: "How they fare is being worked out", "正在计算各定义的表现", "正在計算各定義的表現";
        preparing_help: "Everybody is judged over the whole history. This page comes back by itself.",
            "正在对全部历史进行判断，页面会自动刷新。", "正在對全部歷史進行判斷，頁面會自動重新整理。";
        not_yet: "being worked out", "计算中", "計算中";
    }
}
