//! Plays, what they send, and the channels it goes through.

use super::texts;

texts! {
    /// Plays, what they send, and the channels it goes through.
    Outgoing {
        plays: "Plays", "行动方案", "行動方案";
        plays_lede: "What happens to a lead: by which channel, in which order, within which budget, and who is left alone to prove it.",
            "线索产生之后做什么：通过哪个渠道、按什么顺序、在多少触达额度内，以及为了对照而不打扰谁。",
            "潛在客戶產生之後做什麼：透過哪個管道、按什麼順序、在多少觸及額度內，以及為了對照而不打擾誰。";
        plays_empty: "No play is set up", "尚未设置行动方案", "尚未設定行動方案";
        plays_empty_help: "A lead that nobody hears of is worth nothing. Write a play into firsthand.yaml, under plays, and start the server again.",
            "无人知晓的线索没有价值。请在 firsthand.yaml 的 plays 下编写方案，然后重新启动服务器。",
            "無人知曉的潛在客戶沒有價值。請在 firsthand.yaml 的 plays 下撰寫方案，然後重新啟動伺服器。";
        tab_deliveries: "Deliveries", "投递", "投遞";
        tab_held: "Held back", "未发送", "未傳送";
        tab_holdouts: "Holdouts", "对照组", "對照組";
        tab_channels: "Channels", "渠道", "管道";
        of_plays: "Plays and deliveries", "行动方案与投递", "行動方案與投遞";
        count_one: "{n} play", "{n} 个方案", "{n} 個方案";
        count_many: "{n} plays", "{n} 个方案", "{n} 個方案";
        touch_low: "low touch", "自动触达", "自動觸及";
        touch_high: "high touch", "人工跟进", "人工跟進";
        p_on: "Running", "运行中", "執行中";
        p_off: "Off", "已关闭", "已關閉";
        under_way: "{n} under way", "{n} 个进行中", "{n} 個進行中";

        given_up_one: "{n} delivery was given up.", "有 {n} 条投递已放弃。", "有 {n} 筆投遞已放棄。";
        given_up_many: "{n} deliveries were given up.", "有 {n} 条投递已放弃。", "有 {n} 筆投遞已放棄。";
        given_up_help: "Mend the cause, then send them again.", "请先排除原因，再重新发送。", "請先排除原因，再重新傳送。";
        look: "Look at them", "查看", "檢視";
        stopped_channel: "Nothing goes through {channel}: {reason}.", "渠道 {channel} 已停止：{reason}。", "管道 {channel} 已停止：{reason}。";

        flow: "What it does", "步骤", "步驟";
        begins: "A lead opens", "线索产生", "潛在客戶產生";
        begins_track: "Track {track}", "类别：{track}", "類別：{track}";
        begins_by: "by {definitions}", "依据 {definitions}", "依據 {definitions}";
        begins_segment: "only accounts in {segment}", "仅限分群 {segment}", "僅限分群 {segment}";
        begins_except: "not those in {segment}", "排除分群 {segment}", "排除分群 {segment}";
        begins_at_most: "at most {rate} for an account", "每个客户最多 {rate}", "每個客戶最多 {rate}";
        rate_day: "{n} a day", "每天 {n} 次", "每天 {n} 次";
        rate_week: "{n} a week", "每周 {n} 次", "每週 {n} 次";
        rate: "{n} in {span}", "{span}内 {n} 次", "{span}內 {n} 次";
        in_all: "in all", "总计", "總計";
        drawn: "Held out, by chance", "随机留作对照", "隨機留作對照";
        drawn_sub: "{share} are left alone, drawn once per account, balanced by size.",
            "{share} 的客户不受打扰，每个客户只抽取一次，并按规模均衡。",
            "{share} 的客戶不受打擾，每個客戶只抽取一次，並按規模均衡。";
        step_in_app: "Message in the product", "产品内消息", "產品內訊息";
        step_email: "E-mail", "电子邮件", "電子郵件";
        step_slack: "Slack message", "Slack 消息", "Slack 訊息";
        step_webhook: "Call of another system", "调用其他系统", "呼叫其他系統";
        step_hubspot: "Task in HubSpot", "HubSpot 任务", "HubSpot 任務";
        k_in_app: "In the product", "产品内", "產品內";
        k_email: "E-mail", "邮件", "郵件";
        k_slack: "Slack", "Slack 消息", "Slack 訊息";
        k_webhook: "Webhook", "Webhook 调用", "Webhook 呼叫";
        k_hubspot: "HubSpot", "HubSpot 写入", "HubSpot 寫入";
        step_other: "Message", "消息", "訊息";
        wait: "Wait {span}", "等待 {span}", "等待 {span}";
        wait_until: "Then the next step is looked at.", "然后检查下一步。", "然後檢查下一步。";
        to_most_active: "to whoever is most active", "发给最活跃的人", "傳給最活躍的人";
        to_n_most_active: "to the {n} most active", "发给最活跃的 {n} 人", "傳給最活躍的 {n} 人";
        to_everyone: "to everybody of the account", "发给客户的所有人", "傳給客戶的所有人";
        to_qualified: "to whoever qualified", "发给达标的人", "傳給達標的人";
        to_owner: "to the lead's owner", "发给线索负责人", "傳給潛在客戶負責人";
        to_team: "to the team", "发给团队", "傳給團隊";
        to_segment: "to those in {segment}", "发给分群 {segment} 的人", "傳給分群 {segment} 的人";
        by_channel: "by {channel}", "经 {channel}", "經 {channel}";
        standard: "the text that comes with the program", "程序自带文本", "程式內建文字";
        with_message: "message {message}", "消息 {message}", "訊息 {message}";
        one_of: "one of {messages}", "其中之一：{messages}", "其中之一：{messages}";
        only_if: "only if {what}", "仅当{what}", "僅當{what}";
        unless: "unless {what}", "除非{what}", "除非{what}";
        and: " and ", "且", "且";
        or: " or ", "或", "或";
        not: "not {what}", "未{what}", "未{what}";
        c_seen: "seen", "看到", "看到";
        c_clicked: "clicked", "点击", "點擊";
        c_dismissed: "dismissed", "关闭消息", "關閉訊息";
        c_converted: "converted", "转化", "轉化";
        c_answered: "answered", "答复", "答覆";
        c_qualified: "still qualified", "仍达标", "仍達標";
        channel_is_off: "The channel is off: nothing goes by it.", "渠道已关闭，不会发送。", "管道已關閉，不會傳送。";
        ends: "The play is done", "方案结束", "方案結束";
        ends_sub: "It stops before that when the lead is closed: won, lost, rejected or expired.",
            "线索关闭（成交、丢失、拒绝或过期）时会提前停止。",
            "潛在客戶關閉（成交、流失、拒絕或過期）時會提前停止。";
        n_here: "{n} wait here", "{n} 个在此等待", "{n} 個在此等待";
        n_came: "came this far", "到达此步", "到達此步";
        n_kept: "{n} kept back: {why}", "{n} 个被暂缓：{why}", "{n} 個被暫緩：{why}";
        n_suppressed: "{n} not sent: {why}", "{n} 条未发送：{why}", "{n} 筆未傳送：{why}";
        n_held: "held out", "对照", "對照";

        who_is_where: "Who is under way", "进行中的线索", "進行中的潛在客戶";
        runs_empty: "This play is under way for nobody.", "此方案目前没有进行中的线索。", "此方案目前沒有進行中的潛在客戶。";
        next_step: "Next step", "下一步", "下一步";
        begun: "Begun", "开始于", "開始於";
        due: "Due", "预定时间", "預定時間";
        step_n: "Step {n}: {what}", "第 {n} 步：{what}", "第 {n} 步：{what}";

        reactions: "What people did", "用户反应", "使用者反應";
        reactions_sub: "runs of accounts that are told, each counted once", "仅统计被触达的客户，每次运行计一次", "僅統計被觸及的客戶，每次執行計一次";
        r_seen: "Saw a message", "看到消息", "看到訊息";
        r_clicked: "Followed it", "点击消息", "點擊訊息";
        r_dismissed: "Put it away", "关闭消息", "關閉訊息";
        n_of_m: "{n} of {m}", "{m} 中的 {n}", "{m} 中的 {n}";
        variants: "Variants", "变体", "變體";
        variants_sub: "an account always gets the same one", "每个客户始终收到同一变体", "每個客戶始終收到同一變體";
        variant: "Message", "消息", "訊息";
        share: "Share", "占比", "占比";
        reached: "Reached", "触达", "觸及";
        budget: "Contact budget", "触达额度", "觸及額度";
        budget_sub: "all plays, all channels", "所有方案与渠道共享", "所有方案與管道共用";
        b_person: "A person", "每人", "每人";
        b_account: "An account", "每个客户", "每個客戶";
        b_quiet: "Quiet hours", "免打扰时段", "勿擾時段";
        b_quiet_value: "{from} to {to}, where the person is", "对方当地时间 {from} 至 {to}", "對方當地時間 {from} 至 {to}";
        b_none: "none", "无", "無";
        b_patience: "Waits for its turn", "最长等候", "最長等候";
        b_priority: "Priority", "优先级", "優先順序";
        b_critical: "Critical: passes budget, quiet hours and a rep who works the lead.",
            "关键方案：不受额度、免打扰时段和跟进中的销售限制。",
            "關鍵方案：不受額度、勿擾時段和跟進中的業務限制。";
        arms: "Told and held out", "触达与对照", "觸及與對照";
        arms_sub: "accounts, by size; the assignment holds for ever", "按规模统计的客户数，分组永久有效", "按規模統計的客戶數，分組永久有效";
        size: "People", "人数", "人數";
        told: "Told", "触达", "觸及";
        held_out: "Held out", "对照", "對照";
        arms_none: "Nobody is held out from this play.", "此方案没有对照组。", "此方案沒有對照組。";
        not_sent: "Not sent", "未发送", "未傳送";

        preview: "Preview", "预览", "預覽";
        preview_of: "Preview: {play}", "预览：{play}", "預覽：{play}";
        preview_lede: "What each step would send now, and to whom. Nothing is sent by looking.",
            "每一步此刻会发送什么、发给谁。查看不会发送任何内容。",
            "每一步此刻會傳送什麼、傳給誰。檢視不會傳送任何內容。";
        preview_now: "Who would get what now", "此刻谁会收到什么", "此刻誰會收到什麼";
        preview_now_sub: "the newest open leads, at most {n}", "最新的待处理线索，最多 {n} 条", "最新的待處理潛在客戶，最多 {n} 筆";
        preview_for: "For an account", "针对某个客户", "針對某個客戶";
        preview_show: "Show", "显示", "顯示";
        preview_none: "No lead of this track is open.", "此类别没有待处理的线索。", "此類別沒有待處理的潛在客戶。";
        preview_account_none: "There is no such account.", "没有此客户。", "沒有此客戶。";
        preview_as_if: "No lead is open for {account}: this is as if one opened now.",
            "{account} 没有待处理的线索：以下按此刻产生线索的情形显示。",
            "{account} 沒有待處理的潛在客戶：以下按此刻產生潛在客戶的情形顯示。";
        samples: "How the messages read", "消息样式", "訊息樣式";
        samples_sub: "every variant, every language, for an account that nobody has",
            "以虚构客户展示每个变体与语言",
            "以虛構客戶展示每個變體與語言";
        v_goes: "Goes", "会发送", "會傳送";
        v_waits: "Waits", "等待", "等待";
        v_not: "Does not go", "不发送", "不傳送";
        v_passed: "Passed over", "跳过", "略過";
        v_passed_why: "its conditions do not hold", "条件不满足", "條件不符合";
        v_held: "Held out", "对照", "對照";
        v_held_why: "nobody is told of this account", "不打扰此客户", "不打擾此客戶";
        until: "until {time}", "至 {time}", "至 {time}";
        unwritten: "The message cannot be written: a value it asks for is not known.",
            "无法生成消息：缺少所需的值。",
            "無法產生訊息：缺少所需的值。";
        as_html: "As its reader sees it", "查看邮件外观", "檢視郵件外觀";
        unsubscribe_link: "(the reader's own link to unsubscribe)", "（读者本人的退订链接）", "（讀者本人的取消訂閱連結）";
        slack_webhook: "the channel of the webhook", "Webhook 所属频道", "Webhook 所屬頻道";
        usage_of: "{used} of {limit} {meter}", "{meter}：{used} / {limit}", "{meter}：{used} / {limit}";
        not_now: "Not now", "暂不", "暫不";
        m_to: "To", "收件人", "收件人";
        m_subject: "Subject", "主题", "主旨";
        m_property: "Property", "属性", "屬性";
        m_value: "Value", "值", "值";

        deliveries: "Deliveries", "投递", "投遞";
        deliveries_lede: "Every message with its attempts. Each has one key, by which the receiver can drop a repeat.",
            "每条消息及其尝试记录。每条都有唯一标识，接收方可据此去重。",
            "每筆訊息及其嘗試記錄。每筆都有唯一識別，接收方可據此去除重複。";
        deliveries_empty: "No delivery is here", "没有投递", "沒有投遞";
        deliveries_empty_help: "Plays send a message when a lead opens and its steps are due. What was kept from going is under “Held back”.",
            "线索产生且步骤到期时会发送消息。未发送的消息见“未发送”。",
            "潛在客戶產生且步驟到期時會傳送訊息。未傳送的訊息見「未傳送」。";
        d_all: "All", "全部", "全部";
        d_waiting: "Waiting", "等待中", "等待中";
        d_again: "Trying again", "重试中", "重試中";
        d_sent: "Delivered", "已送达", "已送達";
        d_dead: "Given up", "已放弃", "已放棄";
        d_cancelled: "Called back", "已撤回", "已撤回";
        channel: "Channel", "渠道", "管道";
        any_channel: "Any channel", "所有渠道", "所有管道";
        play: "Play", "行动方案", "行動方案";
        any_play: "Any play", "所有方案", "所有方案";
        by_rules: "rules of leads", "线索规则", "潛在客戶規則";
        to: "To", "收件人", "收件人";
        state: "State", "状态", "狀態";
        attempts: "Attempts", "尝试", "嘗試";
        attempts_one: "{n} attempt", "{n} 次尝试", "{n} 次嘗試";
        attempts_many: "{n} attempts", "{n} 次尝试", "{n} 次嘗試";
        next_at: "next {time}", "下次 {time}", "下次 {time}";
        waits_for_person: "waits until they come", "等待对方访问", "等待對方造訪";
        queued: "Queued", "入队时间", "佇列時間";
        resend: "Send again", "重新发送", "重新傳送";
        resend_of: "Send again to {who}", "重新发送给 {who}", "重新傳送給 {who}";
        resend_all: "Send all {n} given up again", "重新发送全部 {n} 条已放弃的消息", "重新傳送全部 {n} 筆已放棄的訊息";
        resend_channel: "Send {n} again", "重新发送 {n} 条", "重新傳送 {n} 筆";
        resend_only: "Admins send messages again; reps those of their own leads.",
            "管理员可重新发送；销售可重新发送自己线索的消息。",
            "管理員可重新傳送；業務可重新傳送自己潛在客戶的訊息。";
        done_resent: "Put into the queue again.", "已重新放入队列。", "已重新放入佇列。";
        done_resent_all: "Put into the queue again: {n}.", "已重新放入队列：{n} 条。", "已重新放入佇列：{n} 筆。";
        message: "The message", "消息内容", "訊息內容";
        message_sub: "as it was decided; a repeat says the same", "按决定时的内容，重发不变", "按決定時的內容，重新傳送不變";
        tries: "Attempts", "尝试记录", "嘗試記錄";
        tries_sub: "oldest first; secrets and personal data are masked", "最早在前，密钥与个人数据已遮盖", "最早在前，金鑰與個人資料已遮蔽";
        tries_none: "It has not been tried yet.", "尚未尝试发送。", "尚未嘗試傳送。";
        took: "{n} ms", "{n} 毫秒", "{n} 毫秒";
        sent_what: "Request", "请求", "請求";
        answered_what: "Answer", "答复内容", "回應內容";
        key_of: "Key", "标识", "識別碼";
        about: "About", "关于", "關於";

        held: "Held back", "未发送", "未傳送";
        held_lede: "Messages that were not sent, and why. Nothing is dropped without a word.",
            "未发送的消息及原因，没有任何消息会被悄悄丢弃。",
            "未傳送的訊息及原因，沒有任何訊息會被悄悄捨棄。";
        held_empty: "Nothing was held back", "没有未发送的消息", "沒有未傳送的訊息";
        held_empty_help: "Every message that a play wanted to send could go.", "方案要发送的消息均已发出。", "方案要傳送的訊息均已送出。";
        why: "Why", "原因", "原因";
        when: "When", "时间", "時間";
        account: "Account", "客户", "客戶";
        step: "Step", "步骤", "步驟";

        holdouts: "Holdouts", "对照组", "對照組";
        holdouts_lede: "Accounts that were assigned to be told or to be left alone. Compare by this, whatever was sent afterwards.",
            "被分配为触达或不打扰的客户。无论之后发送了什么，都以此对照。",
            "被分配為觸及或不打擾的客戶。無論之後傳送了什麼，都以此對照。";
        holdouts_empty: "No play holds anybody out", "没有方案设置对照组", "沒有方案設定對照組";
        holdouts_empty_help: "Give a play a holdout, such as 10%, to learn what it brings.",
            "为方案设置对照比例（如 10%）以衡量效果。",
            "為方案設定對照比例（如 10%）以衡量成效。";
        assigned: "Assigned", "分配时间", "分配時間";
        drawn_share: "{share} to be held out", "对照比例 {share}", "對照比例 {share}";
        arm: "Assigned to", "分组", "分組";

        channels: "Channels", "渠道", "管道";
        channels_lede: "The ways out, how each does, and what its receiver has stopped.",
            "各发送渠道的状态，以及被接收方停止的渠道。",
            "各傳送管道的狀態，以及被接收方停止的管道。";
        channels_empty: "No channel is set up", "尚未设置渠道", "尚未設定管道";
        channels_empty_help: "Name one in firsthand.yaml, under channels, and start the server again.",
            "在 firsthand.yaml 的 channels 下设置渠道，然后重新启动服务器。",
            "在 firsthand.yaml 的 channels 下設定管道，然後重新啟動伺服器。";
        ch_open: "Open", "正常", "正常";
        ch_off: "Off", "已关闭", "已關閉";
        ch_stopped: "Stopped", "已停止", "已停止";
        ch_gone: "Not configured", "未配置", "未設定";
        ch_off_help: "switched off in the configuration", "在配置中关闭", "在設定中關閉";
        enable: "Enable again", "重新启用", "重新啟用";
        enable_of: "Enable again: {channel}", "重新启用：{channel}", "重新啟用：{channel}";
        done_enabled: "The channel is enabled again.", "渠道已重新启用。", "管道已重新啟用。";

        w_person_budget: "the person has heard from us often enough", "此人已达到触达额度", "此人已達到觸及額度";
        w_account_budget: "the account has heard from us often enough", "客户已达到触达额度", "客戶已達到觸及額度";
        w_quiet_hours: "these are quiet hours where the person is", "对方当地处于免打扰时段", "對方當地處於勿擾時段";
        w_rep_works: "a rep works on a lead of the account", "销售正在跟进该客户", "業務正在跟進該客戶";
        w_digest: "further leads of the owner are gathered into one message", "负责人的后续线索将合并发送", "負責人的後續潛在客戶將合併傳送";
        w_opted_out: "they do not want to hear from us", "对方不愿接收消息", "對方不願接收訊息";
        w_no_address: "their address is not known", "地址未知", "地址未知";
        w_nobody: "there is nobody to whom it could go", "没有可发送的对象", "沒有可傳送的對象";
        w_channel_off: "the channel is off", "渠道已关闭", "管道已關閉";
        w_unwritten: "the message could not be written", "消息无法生成", "訊息無法產生";
    }
}
