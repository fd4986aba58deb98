//! Who is who, and one source.

use super::texts;

texts! {
    /// Who is who, and one source.
    Identity {
        title: "Identity", "身份识别", "身分識別";
        lede: "Who is who, and whose: whether people and accounts are told apart well, and merges and splits by hand.",
            "谁是谁、属于谁：人员与客户是否区分得当，以及人工合并与拆分。",
            "誰是誰、屬於誰：人員與客戶是否區分得當，以及人工合併與拆分。";
        looked: "looked at {ago}", "{ago}检查", "{ago}檢查";
        not_now: "The server is reading its history again; look once it is done.",
            "服务器正在重新读取历史，请稍后查看。",
            "伺服器正在重新讀取歷史，請稍後檢視。";
        findings: "How well they are told apart", "区分情况", "區分情況";
        mark_well: "Well: ", "良好：", "良好：";
        mark_look: "Worth a look: ", "建议查看：", "建議檢視：";
        with_account: "People with an account", "有所属客户的人员", "有所屬客戶的人員";
        with_account_sub: "{n} of {m} people of whom an account, an e-mail or a device is known",
            "在已知客户、邮箱或设备的 {m} 人中有 {n} 人",
            "在已知客戶、電子郵件或裝置的 {m} 人中有 {n} 人";
        devices: "Devices tied to a person", "已关联人员的设备", "已關聯人員的裝置";
        devices_sub: "anonymous visits that count for somebody", "匿名访问已归属到人", "匿名造訪已歸屬到人";
        own_staff: "Own staff, left out", "已排除的内部员工", "已排除的內部員工";
        own_staff_sub: "by the domains of identity.own_domains", "依据 identity.own_domains 中的域名", "依據 identity.own_domains 中的網域";
        free_mail: "Public mail, no account", "公共邮箱且无客户", "公共信箱且無客戶";
        free_mail_sub: "each gets an account of their own", "各自成为独立客户", "各自成為獨立客戶";
        shared: "One device, several people", "一台设备多人使用", "一台裝置多人使用";
        shared_sub: "they are not merged for it; an alias or a merge by hand would", "不会因此合并；别名或人工合并才会", "不會因此合併；別名或人工合併才會";
        many: "People with many ids", "ID 众多的人员", "ID 眾多的人員";
        many_sub: "eight or more: one person, or an id that stands for many", "八个以上：可能是一个人，也可能是共用 ID", "八個以上：可能是一個人，也可能是共用 ID";
        full: "At the limit of ids", "ID 已达上限", "ID 已達上限";
        full_sub: "further devices are refused: identity.ids_per_person_max", "后续设备将被拒绝：identity.ids_per_person_max", "後續裝置將被拒絕：identity.ids_per_person_max";
        several: "People in several accounts", "属于多个客户的人员", "屬於多個客戶的人員";
        several_sub: "each event counts for the account it names", "每个事件计入其指明的客户", "每個事件計入其指明的客戶";
        unmatched: "Companies not matched", "未匹配的公司", "未配對的公司";
        unmatched_sub: "people write from their domain and have no account", "有人使用其域名邮箱但无所属客户", "有人使用其網域信箱但無所屬客戶";
        split_domains: "One domain, several accounts", "一个域名对应多个客户", "一個網域對應多個客戶";
        split_domains_sub: "several workspaces of a company; judged apart", "同一公司的多个工作区，分别判断", "同一公司的多個工作區，分別判斷";
        junk: "Ids that name nobody", "无效 ID", "無效 ID";
        junk_sub: "since the server started; send no id while there is none", "自服务器启动以来；没有 ID 时请勿发送", "自伺服器啟動以來；沒有 ID 時請勿傳送";
        refused_links: "Links refused", "被拒绝的关联", "被拒絕的關聯";
        refused_links_sub: "beyond the limit of ids a person, since the server started", "超出每人 ID 上限，自服务器启动以来", "超出每人 ID 上限，自伺服器啟動以來";
        people_n: "{n} people", "{n} 人", "{n} 人";
        ids_n: "{n} ids", "{n} 个 ID", "{n} 個 ID";
        accounts_n: "{n} accounts", "{n} 个客户", "{n} 個客戶";
        times_n: "{n} times", "{n} 次", "{n} 次";
        show_cases: "Show", "显示", "顯示";
        look: "Compare", "比较", "比較";

        by_hand: "Merges and splits by hand", "人工合并与拆分", "人工合併與拆分";
        by_hand_sub: "newest first", "最新在前", "最新在前";
        acts_none: "Nothing was merged or split by hand.", "没有人工合并或拆分。", "沒有人工合併或拆分。";
        merge_of: "{person} and {other} are one", "{person} 与 {other} 是同一人", "{person} 與 {other} 是同一人";
        split_of: "{person} and {other} are two", "{person} 与 {other} 是两个人", "{person} 與 {other} 是兩個人";
        proposed: "Proposed", "待确认", "待確認";
        made: "Made", "已生效", "已生效";
        undone: "Undone", "已撤销", "已撤銷";
        by: "{who}, {when}", "{who}，{when}", "{who}，{when}";
        make: "Make it so", "确认", "確認";
        make_of: "Make it so: {what}", "确认：{what}", "確認：{what}";
        undo: "Undo", "撤销", "撤銷";
        undo_of: "Undo: {what}", "撤销：{what}", "撤銷：{what}";
        drop: "Drop it", "放弃", "放棄";
        drop_of: "Drop it: {what}", "放弃：{what}", "放棄：{what}";

        propose_title: "Propose one", "提出合并或拆分", "提出合併或拆分";
        propose_sub: "nothing changes before it is made", "确认之前不会改变", "確認之前不會改變";
        kind: "What", "类型", "類型";
        merge: "Two ids are one person", "两个 ID 是同一人", "兩個 ID 是同一人";
        split: "One person is two after all", "一个人其实是两个人", "一個人其實是兩個人";
        person: "One id", "一个 ID", "一個 ID";
        other: "The other", "另一个 ID", "另一個 ID";
        id_hint: "Any id of the person: a user's, or a device's.", "该人员的任一 ID：用户或设备。", "該人員的任一 ID：使用者或裝置。";
        reason: "Why", "原因", "原因";
        compare: "Look at both", "查看两者", "檢視兩者";
        propose: "Propose it", "提出", "提出";
        merge_says: "{person} and {other} become one person. Their events are attributed anew, and leads follow.",
            "{person} 与 {other} 将成为同一人，事件重新归属，线索随之更新。",
            "{person} 與 {other} 將成為同一人，事件重新歸屬，潛在客戶隨之更新。";
        split_says: "{person} and {other} become two people again. Their events are attributed anew, and leads follow.",
            "{person} 与 {other} 将重新成为两个人，事件重新归属，线索随之更新。",
            "{person} 與 {other} 將重新成為兩個人，事件重新歸屬，潛在客戶隨之更新。";
        needs_two: "Name two ids.", "请填写两个 ID。", "請填寫兩個 ID。";
        same: "Both ids are the same.", "两个 ID 相同。", "兩個 ID 相同。";
        unknown_id: "Nobody is known by one of these ids.", "其中一个 ID 未知。", "其中一個 ID 未知。";
        one_already: "They are one person already.", "两者已是同一人。", "兩者已是同一人。";
        two_already: "They are two people already.", "两者已是两个人。", "兩者已是兩個人。";
        nobody: "Nobody is known by this id.", "没有此 ID 的人员。", "沒有此 ID 的人員。";
        ids: "Ids", "ID", "ID";
        accounts: "Accounts", "客户", "客戶";
        none: "none", "无", "無";
        kind_user: "user", "用户", "使用者";
        kind_device: "device", "设备", "裝置";
        done_proposed: "It is proposed. Make it so below.", "已提出，请在下方确认。", "已提出，請在下方確認。";
        done_made: "It is so from now on.", "已生效。", "已生效。";
        done_undone: "It is undone.", "已撤销。", "已撤銷。";

        source_lede: "Is it arriving, how much of it, and how a client is pointed here.",
            "数据是否到达、数量多少，以及如何接入客户端。",
            "資料是否到達、數量多少，以及如何接入用戶端。";
        hours: "Last 48 hours", "最近 48 小时", "最近 48 小時";
        hours_taken: "Taken in", "已接收", "已接收";
        hours_refused: "Refused", "已拒绝", "已拒絕";
        hours_repeated: "Repeats", "重复", "重複";
        hours_none: "Nothing came in the last 48 hours.", "最近 48 小时没有数据。", "最近 48 小時沒有資料。";
        chart_says: "{n} taken in and {m} refused over {h} hours", "{h} 小时内接收 {n}，拒绝 {m}", "{h} 小時內接收 {n}，拒絕 {m}";
        bar_says: "{time}: {n} taken in, {m} refused", "{time}：接收 {n}，拒绝 {m}", "{time}：接收 {n}，拒絕 {m}";
        hour: "Hour", "小时", "小時";
        now: "Now", "现在", "現在";
        data: "Show the data", "显示数据", "顯示資料";
        snippets: "Point a client here", "接入客户端", "接入用戶端";
        snippets_key: "{key} is the key of the source {source}, as it stands in firsthand.yaml or in the environment.",
            "{key} 为数据源 {source} 的密钥，位于 firsthand.yaml 或环境变量中。",
            "{key} 為資料來源 {source} 的金鑰，位於 firsthand.yaml 或環境變數中。";
        in_app: "Messages in the product", "产品内消息", "產品內訊息";
        in_app_sub: "one line in your pages, and a token from your server", "在页面中加入一行代码，并由服务器签发令牌", "在頁面中加入一行程式碼，並由伺服器簽發權杖";
    }
}
