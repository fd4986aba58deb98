//! The words of the field, and of times.

use super::texts;

texts! {
    /// The words of the field, and of times.
    Words {
        comma: ", ", "，", "，";
        colon: ": ", "：", "：";
        product: "Product", "产品", "產品";
        marketing: "Marketing", "市场", "行銷";
        expansion: "Expansion", "扩展", "擴充";
        segment: "Segment", "分群", "分群";
        product_qualified: "Product-qualified", "产品合格", "產品合格";
        marketing_qualified: "Marketing-qualified", "市场合格", "行銷合格";
        expansion_qualified: "Outgrows its plan", "超出当前套餐", "超出目前方案";

        open: "Open", "待处理", "待處理";
        accepted: "Accepted", "已接受", "已接受";
        rejected: "Rejected", "已拒绝", "已拒絕";
        snoozed: "Snoozed", "已推迟", "已延後";
        won: "Won", "已成交", "已成交";
        lost: "Lost", "已丢失", "已流失";
        expired: "Expired", "已过期", "已過期";
        withdrawn: "Withdrawn", "已撤回", "已撤回";
        merged: "Merged", "已合并", "已合併";

        subscriber: "Subscriber", "订阅者", "訂閱者";
        lead: "Lead", "线索", "潛在客戶";
        pql: "PQL", "PQL", "PQL";
        mql: "MQL", "MQL", "MQL";
        sql: "SQL", "SQL", "SQL";
        opportunity: "Opportunity", "商机", "商機";
        customer: "Customer", "客户", "客戶";
        former: "Former customer", "前客户", "前客戶";

        admin: "Admin", "管理员", "管理員";
        analyst: "Analyst", "分析师", "分析師";
        rep: "Sales rep", "销售", "業務";
        nobody: "Nobody", "无人", "無人";

        today: "Today, {time}", "今天 {time}", "今天 {time}";
        yesterday: "Yesterday, {time}", "昨天 {time}", "昨天 {time}";
        tomorrow: "Tomorrow, {time}", "明天 {time}", "明天 {time}";
        ago: "{span} ago", "{span}前", "{span}前";
        just_now: "just now", "刚刚", "剛剛";
        seconds: "{n} s", "{n} 秒", "{n} 秒";
        minutes: "{n} min", "{n} 分钟", "{n} 分鐘";
        hours: "{n} h", "{n} 小时", "{n} 小時";
        hours_minutes: "{n} h {m} min", "{n} 小时 {m} 分钟", "{n} 小時 {m} 分鐘";
        days: "{n} d", "{n} 天", "{n} 天";
        date: "{day} {month}", "{month}{day}日", "{month}{day}日";
        date_year: "{day} {month} {year}", "{year}年{month}{day}日", "{year}年{month}{day}日";
        date_time: "{date}, {time}", "{date} {time}", "{date} {time}";
        months: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
            "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
            "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月";
        never: "never", "从未", "從未";
        no_stage: "none yet", "尚无", "尚無";
        of: "of {n}", "共 {n}", "共 {n}";
    }
}
