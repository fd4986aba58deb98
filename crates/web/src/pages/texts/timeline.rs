//! The timeline of an account.

use super::texts;

texts! {
    /// The timeline of an account.
    Timeline {
        title: "Timeline of {account}", "{account} 的时间线", "{account} 的時間軸";
        name: "Timeline", "时间线", "時間軸";
        lede: "All that happened, newest first: what its people did, what was recorded of it, what was decided, and what it was told.",
            "发生过的一切，最新在前：人员的行为、相关记录、作出的判断以及发出的消息。",
            "發生過的一切，最新在前：人員的行為、相關記錄、作出的判斷以及發出的訊息。";
        whole: "The whole timeline", "完整时间线", "完整時間軸";
        newest: "Newest", "最新", "最新";
        older: "Older", "更早", "更早";
        k_all: "All", "全部", "全部";
        k_events: "Events", "事件", "事件";
        k_records: "Records", "记录", "記錄";
        k_traits: "Traits and plan", "属性与套餐", "屬性與方案";
        k_people: "Who is who", "人员与身份", "人員與身分";
        k_decisions: "Decisions", "判断", "判斷";
        k_messages: "Messages", "消息", "訊息";
        kind: "Kind", "类型", "類型";
        any_person: "Anybody", "所有人员", "所有人員";
        any_name: "Any event", "所有事件", "所有事件";
        person: "Person", "人员", "人員";
        event: "Event", "事件", "事件";
        today: "Today", "今天", "今天";
        yesterday: "Yesterday", "昨天", "昨天";
        times: "{n} times, {from} to {to}", "{n} 次，{from} 至 {to}", "{n} 次，{from} 至 {to}";
        more: "and {n} more", "另有 {n} 次", "另有 {n} 次";
        late: "Late: known {time}", "延迟：{time} 得知", "延遲：{time} 得知";
        joined: "joined", "加入", "加入";
        joined_as: "joined as {role}", "以 {role} 身份加入", "以 {role} 身分加入";
        left: "left", "离开", "離開";
        linked: "recognised: what was done before as {id} is theirs", "已识别：此前以 {id} 进行的操作属于此人", "已識別：先前以 {id} 進行的操作屬於此人";
        united: "is {id} as well", "同时也是 {id}", "同時也是 {id}";
        parted: "is not {id} after all", "并非 {id}", "並非 {id}";
        changed: "{name}: {from} → {to}", "{name}：{from} → {to}", "{name}：{from} → {to}";
        set: "{name}: {to}", "{name}：{to}", "{name}：{to}";
        taken: "{name}: taken away, was {from}", "{name}：已移除，原为 {from}", "{name}：已移除，原為 {from}";
        empty: "Nothing is here", "这里没有内容", "這裡沒有內容";
        empty_help: "Nothing that happened in this account fits. Take a filter away to see more.",
            "此客户没有符合条件的内容。减少筛选条件以查看更多。", "此客戶沒有符合條件的內容。減少篩選條件以檢視更多。";
        empty_here: "Nothing fits back to {date}. There is more before.",
            "追溯至 {date} 没有符合条件的内容，更早还有记录。", "追溯至 {date} 沒有符合條件的內容，更早還有記錄。";
    }
}
