//! Definitions, sources, and what was refused.

use super::texts;

texts! {
    /// Definitions, sources, and what was refused.
    Data {
        definitions: "Definitions", "定义", "定義";
        definitions_lede: "Who counts as qualified, in words that the whole team can read.",
            "以团队都能读懂的语言说明谁算合格。", "以團隊都能讀懂的語言說明誰算合格。";
        definitions_empty: "No definition is published", "没有已发布的定义", "沒有已發布的定義";
        definitions_empty_help: "A definition says when an account is ripe. Admins and analysts begin one here.",
            "定义说明客户何时成熟。管理员和分析师可在此新建。", "定義說明客戶何時成熟。管理員和分析師可在此新建。";
        definition: "Definition", "定义", "定義";
        accounts: "Accounts", "客户", "客戶";
        persons: "People", "人员", "人員";
        holds_now: "Holds now", "当前满足", "目前符合";
        state: "State", "状态", "狀態";
        since: "Since", "自", "自";
        running: "Decides", "生效中", "生效中";
        backfilling: "Catching up", "追赶中", "追趕中";
        retired: "Retired", "已停用", "已停用";
        hold_account_one: "{n} account qualifies now", "目前 {n} 个客户合格", "目前 {n} 個客戶合格";
        hold_account_many: "{n} accounts qualify now", "目前 {n} 个客户合格", "目前 {n} 個客戶合格";
        hold_person_one: "{n} person qualifies now", "目前 {n} 人合格", "目前 {n} 人合格";
        hold_person_many: "{n} people qualify now", "目前 {n} 人合格", "目前 {n} 人合格";
        text: "Text", "文本", "文字";
        text_sub: "canonical: spacing and comments change no version", "规范形式：空格与注释不影响版本", "規範形式：空格與註解不影響版本";
        versions: "Versions", "版本", "版本";
        version: "Version", "版本", "版本";
        applied: "Existing ones included", "包含已有客户", "包含既有客戶";
        not_applied: "From then on", "仅此后", "僅此後";
        explain: "Explain an account", "解释某个客户", "解釋某個客戶";
        explain_label: "Account", "客户", "客戶";
        explain_hint: "Its id or its name, as the list of accounts shows them.", "客户列表中显示的 ID 或名称。", "客戶列表中顯示的 ID 或名稱。";
        explain_act: "Explain", "解释", "解釋";
        explain_none: "There is no such account.", "没有此客户。", "沒有此客戶。";
        explain_holds: "{account} qualifies.", "{account} 合格。", "{account} 合格。";
        explain_not: "{account} does not qualify yet.", "{account} 尚未合格。", "{account} 尚未合格。";
        missing: "Missing", "缺少", "缺少";
        how_to_change: "Admins and analysts change definitions; everybody sees what decides.",
            "由管理员和分析师更改定义；所有人都能看到生效的内容。", "由管理員和分析師變更定義；所有人都能看到生效的內容。";
        leads_of: "Leads of this track", "此类别的线索", "此類別的潛在客戶";

        sources: "Sources", "数据源", "資料來源";
        sources_lede: "What comes in, how fresh it is, and what was refused and why.",
            "接收了什么、是否及时、拒绝了什么及原因。", "接收了什麼、是否及時、拒絕了什麼及原因。";
        taken: "Events taken in", "已接收事件", "已接收事件";
        taken_note: "{n} over the last minute", "最近一分钟 {n}", "最近一分鐘 {n}";
        behind: "Decided within", "处理延迟", "處理延遲";
        behind_note: "what waits longest at the moment", "当前等待最久的事件", "目前等待最久的事件";
        refused: "Refused", "已拒绝", "已拒絕";
        refused_note: "{n} over the last hour; nothing is dropped", "最近一小时 {n}，均予保留", "最近一小時 {n}，均予保留";
        repeats: "Repeats", "重复", "重複";
        repeats_note: "ids seen before, counted once", "重复的 ID 只计一次", "重複的 ID 只計一次";
        source: "Source", "数据源", "資料來源";
        protocols: "Protocols", "协议", "協定";
        minute: "Last minute", "最近一分钟", "最近一分鐘";
        in_all: "In all", "总计", "總計";
        last_event: "Last event", "最近事件", "最近事件";
        s_live: "Live", "正常", "正常";
        s_quiet: "Quiet", "安静", "安靜";
        s_silent: "Silent", "静默", "靜默";
        s_never: "Never heard of", "尚无数据", "尚無資料";
        write_keys: "Write keys", "写入密钥", "寫入金鑰";
        write_keys_sub: "stand in firsthand.yaml, under sources", "位于 firsthand.yaml 的 sources 下", "位於 firsthand.yaml 的 sources 下";
        sources_empty: "No source is configured", "未配置数据源", "未設定資料來源";
        sources_empty_help: "Give each of your clients a key in firsthand.yaml, under sources, and start the server again.",
            "在 firsthand.yaml 的 sources 下为每个客户端设置密钥，然后重新启动服务器。",
            "在 firsthand.yaml 的 sources 下為每個用戶端設定金鑰，然後重新啟動伺服器。";
        server: "The server", "服务器", "伺服器";
        version_of: "Version", "版本", "版本";
        started: "Started", "启动于", "啟動於";
        log_place: "Newest fact", "最新事实", "最新事實";
        applied_place: "Decided up to", "已处理至", "已處理至";
        queue: "Queue: {name}", "队列：{name}", "佇列：{name}";
        queue_of: "{n} of {m}", "{n} / {m}", "{n} / {m}";
        look_at_refused: "Look at what was refused", "查看被拒绝的内容", "檢視被拒絕的內容";

        quarantine: "Quarantine", "隔离区", "隔離區";
        quarantine_lede: "What could not be read, kept with its reason. Read it again once the cause is mended.",
            "无法读取的内容及其原因。修复后可重新读取。", "無法讀取的內容及其原因。修復後可重新讀取。";
        quarantine_empty: "Nothing is in quarantine", "隔离区为空", "隔離區為空";
        quarantine_empty_help: "Whatever your sources sent could be read.", "数据源发送的内容均可读取。", "資料來源傳送的內容均可讀取。";
        reason: "Reason", "原因", "原因";
        received: "Received", "接收时间", "接收時間";
        size: "Size", "大小", "大小";
        bytes: "{n} B", "{n} 字节", "{n} 位元組";
        waiting: "Waiting", "等待中", "等待中";
        replayed: "Taken in", "已接收", "已接收";
        what_came: "What was received", "接收的内容", "接收的內容";
        replay: "Read again", "重新读取", "重新讀取";
        discard: "Delete the item", "删除此项", "刪除此項";
        done_replayed: "Read again: taken in.", "重新读取：已接收。", "重新讀取：已接收。";
        done_refused: "Read again, and refused again: the cause is still there.", "重新读取后再次被拒绝：原因仍在。", "重新讀取後再次被拒絕：原因仍在。";
        done_discarded: "The item is deleted.", "已删除。", "已刪除。";
    }
}
