//! The inbox, a lead, and accounts.

use super::texts;

texts! {
    /// The inbox, a lead, and accounts.
    Leads {
        title: "Leads", "线索", "潛在客戶";
        lede_one: "{n} open.", "{n} 条待处理。", "{n} 筆待處理。";
        lede_many: "{n} open.", "{n} 条待处理。", "{n} 筆待處理。";
        lede_late_one: "{n} is past its SLA.", "{n} 条已超时。", "{n} 筆已逾時。";
        lede_late_many: "{n} are past their SLA.", "{n} 条已超时。", "{n} 筆已逾時。";
        lede_today_one: "{n} more is due today.", "另有 {n} 条今天到期。", "另有 {n} 筆今天到期。";
        lede_today_many: "{n} more are due today.", "另有 {n} 条今天到期。", "另有 {n} 筆今天到期。";
        lede_none: "None waits for an answer.", "没有待答复的线索。", "沒有待答覆的潛在客戶。";
        export: "Export CSV", "导出 CSV", "匯出 CSV";
        what_counts: "What counts as a lead", "线索的定义", "潛在客戶的定義";
        views: "Saved views", "已保存的视图", "已儲存的檢視";
        view_mine: "My queue", "我的队列", "我的佇列";
        view_open: "All open", "全部待处理", "全部待處理";
        view_late: "Past SLA", "已超时", "已逾時";
        view_accepted: "In work", "跟进中", "跟進中";
        view_snoozed: "Snoozed", "已推迟", "已延後";
        view_decided: "Decided", "已处理", "已處理";
        filter_button: "Filter and order", "筛选与排序", "篩選與排序";
        filter_label: "Filter leads", "筛选线索", "篩選潛在客戶";
        filter_text: "Account", "客户", "客戶";
        track: "Track", "类别", "類別";
        any_track: "Any track", "所有类别", "所有類別";
        owner: "Owner", "负责人", "負責人";
        any_owner: "Any owner", "所有负责人", "所有負責人";
        me: "Me", "我", "我";
        order: "Order", "排序", "排序";
        order_due: "Most urgent first", "最紧急优先", "最緊急優先";
        order_score: "Highest score first", "分数最高优先", "分數最高優先";
        order_newest: "Newest first", "最新优先", "最新優先";
        order_changed: "Changed last first", "最近更改优先", "最近變更優先";
        apply: "Apply", "应用", "套用";
        save_view: "Save this view", "保存此视图", "儲存此檢視";
        save_view_name: "Name of the view", "视图名称", "檢視名稱";
        forget_view: "Forget this view", "删除此视图", "刪除此檢視";

        caption: "Leads", "线索", "潛在客戶";
        col_account: "Account", "客户", "客戶";
        col_why: "Why now", "为什么是现在", "為什麼是現在";
        col_score: "Score", "分数", "分數";
        col_stage: "Stage", "阶段", "階段";
        col_due: "Answer due", "答复期限", "答覆期限";
        col_decide: "Decide", "处理", "處理";
        group_late: "Past SLA", "已超时", "已逾時";
        group_today: "Due today", "今天到期", "今天到期";
        group_later: "Later", "之后", "之後";
        group_none: "Without a date", "无期限", "無期限";
        people_one: "{n} person", "{n} 人", "{n} 人";
        people_many: "{n} people", "{n} 人", "{n} 人";
        over: "{span} over", "超时 {span}", "逾時 {span}";
        left: "{span} left", "剩余 {span}", "剩餘 {span}";
        open_for: "open for {span}", "已等待 {span}", "已等待 {span}";
        until: "until {time}", "至 {time}", "至 {time}";
        no_why: "No reason was recorded", "未记录原因", "未記錄原因";
        choose: "Choose {account}", "选择 {account}", "選擇 {account}";
        accept: "Accept", "接受", "接受";
        accept_of: "Accept {account}", "接受 {account}", "接受 {account}";
        reject: "Reject", "拒绝", "拒絕";
        reject_of: "Reject {account}", "拒绝 {account}", "拒絕 {account}";
        snooze_of: "Snooze {account} until tomorrow", "将 {account} 推迟到明天", "將 {account} 延後到明天";
        snooze_tomorrow: "Snooze until tomorrow", "推迟到明天", "延後到明天";
        chosen: "With the chosen leads", "对所选线索", "對所選潛在客戶";
        give_to: "Give to", "交给", "交給";
        give: "Give", "转交", "轉交";
        empty: "No lead is here", "这里没有线索", "這裡沒有潛在客戶";
        empty_help: "A lead opens when an account comes to meet a definition. Nobody does at the moment, or somebody has answered them all.",
            "当客户满足某个定义时会产生线索。目前没有满足条件的客户，或已全部处理。",
            "當客戶符合某個定義時會產生潛在客戶。目前沒有符合條件的客戶，或已全部處理。";
        empty_filtered: "No lead fits these filters", "没有符合筛选条件的线索", "沒有符合篩選條件的潛在客戶";
        empty_filtered_help: "Take a filter away to see more.", "减少筛选条件以查看更多。", "減少篩選條件以檢視更多。";
        clear_filters: "Clear the filters", "清除筛选", "清除篩選";
        arrived_one: "{n} lead has come in.", "新到 {n} 条线索。", "新到 {n} 筆潛在客戶。";
        arrived_many: "{n} leads have come in.", "新到 {n} 条线索。", "新到 {n} 筆潛在客戶。";
        show_arrived: "Show", "显示", "顯示";

        k_move: "move", "移动", "移動";
        k_open: "open", "打开", "開啟";
        k_accept: "accept", "接受", "接受";
        k_reject: "reject", "拒绝", "拒絕";
        k_snooze: "snooze", "推迟", "延後";
        k_choose: "choose", "选择", "選擇";
        k_search: "search", "搜索", "搜尋";
        k_keys: "all keys", "全部快捷键", "全部快速鍵";
        k_note: "note", "备注", "備註";
        k_next: "next, previous lead", "下一条、上一条", "下一筆、上一筆";
        k_back: "back to the list", "返回列表", "返回列表";
        k_undo: "undo", "撤销", "復原";

        done_accepted: "{account} is accepted.", "已接受 {account}。", "已接受 {account}。";
        done_rejected: "{account} is rejected.", "已拒绝 {account}。", "已拒絕 {account}。";
        done_snoozed: "{account} is snoozed.", "已推迟 {account}。", "已延後 {account}。";
        done_assigned: "{account} has another owner.", "已更改 {account} 的负责人。", "已變更 {account} 的負責人。";
        done_reopened: "{account} is open again.", "{account} 已重新打开。", "{account} 已重新開啟。";
        done_won: "{account} is won.", "{account} 已成交。", "{account} 已成交。";
        done_lost: "{account} is lost.", "{account} 已丢失。", "{account} 已流失。";
        done_noted: "The note is kept.", "备注已保存。", "備註已儲存。";
        done_several: "Done for {n}.", "已处理 {n} 条。", "已處理 {n} 筆。";
        done_several_failed: "Done for {n}. {m} had changed meanwhile and stay as they are.",
            "已处理 {n} 条。{m} 条期间已变更，保持原状。", "已處理 {n} 筆。{m} 筆期間已變更，維持原狀。";
        done_view: "The view is saved.", "视图已保存。", "檢視已儲存。";
        done_view_gone: "The view is forgotten.", "视图已删除。", "檢視已刪除。";

        reject_title: "Reject {account}?", "拒绝 {account}？", "拒絕 {account}？";
        reject_lede: "The lead closes. The track stays closed for this account for a while, then it can qualify again.",
            "线索将关闭。该类别会对此客户关闭一段时间，之后可再次合格。",
            "潛在客戶將關閉。該類別會對此客戶關閉一段時間，之後可再次合格。";
        why: "Why?", "原因", "原因";
        reason_early: "Too early", "时机太早", "時機太早";
        reason_fit: "Not a fit", "不匹配", "不符合";
        reason_fit_hint: "Company, role or country", "公司、职位或国家", "公司、職位或國家";
        reason_known: "Already in talks", "已在洽谈", "已在洽談";
        reason_data: "The data is wrong", "数据有误", "資料有誤";
        word: "A word on it", "补充说明", "補充說明";
        word_hint: "Kept with the lead. Counts in how many leads of this definition reps accept.",
            "与线索一同保存，并计入该定义的接受率。", "與潛在客戶一同保存，並計入該定義的接受率。";
        keep: "Keep the lead", "保留线索", "保留潛在客戶";
        reject_act: "Reject lead", "拒绝线索", "拒絕潛在客戶";

        your_answer: "Your answer", "您的答复", "您的答覆";
        decision: "Decision", "决定", "決定";
        accept_act: "Accept, make it an SQL", "接受，转为 SQL", "接受，轉為 SQL";
        reject_with: "Reject, with a reason", "拒绝并说明原因", "拒絕並說明原因";
        snooze_or_give: "Snooze, or give to someone", "推迟或转交", "延後或轉交";
        snooze_until: "Snooze until", "推迟至", "延後至";
        snooze: "Snooze", "推迟", "延後";
        snooze_1d: "Tomorrow, 09:00", "明天 09:00", "明天 09:00";
        snooze_monday: "Monday, 09:00", "周一 09:00", "週一 09:00";
        snooze_2w: "In 2 weeks", "两周后", "兩週後";
        won_act: "Won", "成交", "成交";
        lost_act: "Lost", "丢失", "流失";
        reopen_act: "Open it again", "重新打开", "重新開啟";
        in_work: "{owner} works on it since {time}.", "{owner} 自 {time} 起跟进。", "{owner} 自 {time} 起跟進。";
        put_off: "Put off until {time}.", "推迟至 {time}。", "延後至 {time}。";
        closed: "{status} on {time}.", "{status}，{time}。", "{status}，{time}。";
        opened_since: "Open for {span}.", "已等待 {span}。", "已等待 {span}。";
        only_sales: "Reps and admins answer leads.", "由销售和管理员处理线索。", "由業務和管理員處理潛在客戶。";

        plan: "Plan", "套餐", "方案";
        plan_since: "{plan}, since {time}", "{plan}，自 {time}", "{plan}，自 {time}";
        trial: "Trial", "试用", "試用";
        trial_left: "{span} left", "剩余 {span}", "剩餘 {span}";
        trial_over: "ended {time}", "已于 {time} 结束", "已於 {time} 結束";
        no_plan: "None", "无", "無";
        evidence: "Evidence now", "当前依据", "目前依據";
        evidence_then: "Evidence when it qualified", "合格时的依据", "合格時的依據";
        lapsed: "This no longer holds since {time}. The lead stays until you decide.",
            "自 {time} 起已不再成立。在您作出决定之前，该线索仍会保留。",
            "自 {time} 起已不再成立。在您作出決定之前，此潛在客戶仍會保留。";
        talk: "What to talk about", "谈话要点", "談話要點";
        talk_who: "{name}, {role}", "{name}（{role}）", "{name}（{role}）";
        talk_person: "Talk to {who}.", "可联系 {who}。", "可聯絡 {who}。";
        talk_does: "In 30 days: {list}.", "近 30 天：{list}。", "近 30 天：{list}。";
        talk_trial: "The trial has {span} left.", "试用期还剩 {span}。", "試用期還剩 {span}。";
        talk_trial_end: "It ends on {date}.", "将于 {date} 结束。", "將於 {date} 結束。";
        talk_next: "{plan} is the plan that comes next.", "下一个套餐是 {plan}。", "下一個方案是 {plan}。";
        hold: "{n} of {m} hold", "{m} 项中满足 {n} 项", "{m} 項中符合 {n} 項";
        evidence_none: "This account can no longer be looked at", "无法再查看此客户", "無法再檢視此客戶";
        nearly: "Not yet", "尚未满足", "尚未符合";
        nearest: "Nearest: {words}", "最接近：{words}", "最接近：{words}";
        met: "Met: ", "满足：", "符合：";
        unmet: "Not met: ", "未满足：", "未符合：";
        unknown_mark: "Unknown: ", "未知：", "未知：";
        needed: "{n} needed", "需要 {n}", "需要 {n}";
        one_of: "One of these is enough", "满足其一即可", "符合其一即可";
        some_of: "{n} of these are needed", "需满足其中 {n} 项", "需符合其中 {n} 項";
        keeps: "What keeps it", "保持条件", "維持條件";
        shuts: "What shuts it out", "排除条件", "排除條件";

        history: "What happened", "经过", "經過";
        history_sub: "newest first", "最新在前", "最新在前";
        h_qualified: "Qualified by {definition}", "满足定义 {definition}", "符合定義 {definition}";
        h_person: "by {person}", "因 {person}", "因 {person}";
        h_left: "Left {definition}", "不再满足 {definition}", "不再符合 {definition}";
        h_opened: "Lead opened", "线索产生", "潛在客戶產生";
        h_by: "by {who}", "由 {who}", "由 {who}";
        h_by_rules: "by the rules of leads", "按线索规则", "依潛在客戶規則";
        h_given: "Given to {who}", "已分配给 {who}", "已指派給 {who}";
        h_given_nobody: "Given to nobody", "已取消负责人", "已取消負責人";
        h_passed_on: "Passed on to {who}: nobody answered in time", "已转交给 {who}：未按时答复", "已轉交給 {who}：未及時答覆";
        h_ground: "What it rested on has turned out not to have been so", "其依据经查并不成立", "其依據經查並不成立";
        h_message_to: "{kind}, to {who}", "{kind}，发给 {who}", "{kind}，傳給 {who}";
        h_held: "Held back from {channel}", "未通过 {channel} 发送", "未透過 {channel} 傳送";
        h_held_from: "Held back from {channel}, to {who}", "未通过 {channel} 发给 {who}", "未透過 {channel} 傳給 {who}";
        h_stage: "Stage: {stage}", "阶段：{stage}", "階段：{stage}";
        h_stage_corrected: "Stage put right: {stage}", "阶段已更正：{stage}", "階段已更正：{stage}";

        usage_plain: "Usage", "用量", "用量";
        gauge: "{meter}: {used} of {limit}, {share}", "{meter}：{used} / {limit}，{share}", "{meter}：{used} / {limit}，{share}";
        gauge_unlimited: "No limit on this plan.", "此套餐无上限。", "此方案無上限。";
        gauge_left: "{n} left.", "剩余 {n}。", "剩餘 {n}。";
        gauge_over: "At the limit.", "已达上限。", "已達上限。";
        gauge_full: "At this pace full on {date}, in {span}: {pace} a day.", "按此速度将于 {date}（{span}后）用满：每天 {pace}。", "依此速度將於 {date}（{span}後）用滿：每天 {pace}。";
        gauge_enough: "At {pace} a day it starts again before it is full.", "按每天 {pace}，重新计算前不会用满。", "依每天 {pace}，重新計算前不會用滿。";
        gauge_far: "At {pace} a day it is not full within a year.", "按每天 {pace}，一年内不会用满。", "依每天 {pace}，一年內不會用滿。";
        gauge_still: "No forecast: nothing was added in 14 days.", "无预测：14 天内没有增加。", "無預測：14 天內沒有增加。";
        gauge_unread: "No forecast: this account has too many facts to work it out for a page.", "无预测：此客户的记录太多，无法在页面上计算。", "無預測：此客戶的記錄太多，無法在頁面上計算。";
        gauge_reset: "Starts again {time}.", "{time} 重新计算。", "{time} 重新計算。";
        features: "Switched on: {list}", "已启用：{list}", "已啟用：{list}";
        no_meters: "The project measures no usage.", "项目未定义用量指标。", "專案未定義用量指標。";

        people: "People", "人员", "人員";
        people_of: "{n} active", "{n} 人活跃", "{n} 人活躍";
        person: "Person", "人员", "人員";
        role: "Role", "角色", "角色";
        last_seen: "Last seen", "最近活动", "最近活動";
        does: "In 30 days", "近 30 天", "近 30 天";
        stage_none: "No stage of the lifecycle was reached yet", "尚未到达生命周期的任何阶段", "尚未到達生命週期的任何階段";
        nobody_seen: "Nobody has been seen in this account yet.", "此客户尚无人员活动。", "此客戶尚無人員活動。";

        notes: "Notes", "备注", "備註";
        note_new: "New note", "新备注", "新備註";
        note_write: "Write a note", "写备注", "寫備註";
        note_add: "Add note", "添加备注", "新增備註";
        history_none: "Nothing was decided here yet.", "此处尚无任何决定。", "此處尚無任何決定。";
        notes_none: "No note yet.", "暂无备注。", "尚無備註。";
        traits: "What is known", "已知信息", "已知資訊";
        traits_none: "Nothing is known beside its events.", "除事件外没有其他信息。", "除事件外沒有其他資訊。";
        held_out: "Held out", "对照组", "對照組";
        held_out_help: "The account is held out: it is measured, and nobody is told.",
            "该客户属于对照组：只做衡量，不通知任何人。", "此客戶屬於對照組：只做衡量，不通知任何人。";
        open_account: "Open the account", "打开客户", "開啟客戶";

        accounts_title: "Accounts", "客户", "客戶";
        accounts_lede: "Everybody who uses the product, with plan and stage.",
            "使用产品的所有客户及其套餐与阶段。", "使用產品的所有客戶及其方案與階段。";
        accounts_empty: "No account is here", "没有客户", "沒有客戶";
        accounts_empty_help: "Accounts come with their first event. The page “Sources” tells whether any arrive.",
            "客户随首个事件出现。“数据源”页面显示是否有事件到达。",
            "客戶隨首個事件出現。「資料來源」頁面顯示是否有事件到達。";
        any_stage: "Any stage", "所有阶段", "所有階段";
        account_leads: "Leads", "线索", "潛在客戶";
        account_no_leads: "No lead yet. Below is what is missing.", "暂无线索，缺少的条件见下。", "尚無潛在客戶，缺少的條件見下。";
        why_not: "Why, and why not yet", "为什么满足，为什么尚未满足", "為什麼符合，為什麼尚未符合";
        holds: "Holds", "满足", "符合";
        holds_not: "Not yet", "尚未满足", "尚未符合";
        first_seen: "First seen", "首次活动", "首次活動";
    }
}
