//! What stands on every page, and the pages of signing in.

use super::texts;

texts! {
    /// What stands on every page, and the pages of signing in.
    ShellTexts {
        skip: "Skip to the page", "跳到正文", "跳到正文";
        menu: "Menu", "菜单", "選單";
        search: "Search", "搜索", "搜尋";
        search_label: "Search accounts", "搜索客户", "搜尋客戶";
        main: "Main", "主导航", "主導覽";
        work: "Work", "工作", "工作";
        define: "Define", "定义", "定義";
        data: "Data", "数据", "資料";
        admin: "Administration", "管理", "管理";
        leads: "Leads", "线索", "潛在客戶";
        accounts: "Accounts", "客户", "客戶";
        definitions: "Definitions", "定义", "定義";
        results: "Results", "成效", "成效";
        reports: "Reports", "报告", "報告";
        sources: "Sources", "数据源", "資料來源";
        people: "People", "成员", "成員";
        keys_nav: "API keys", "API 密钥", "API 金鑰";
        quarantined: " quarantined events", " 条被隔离的事件", " 筆被隔離的事件";
        live: "Live", "实时", "即時";
        live_behind: "Live, {n} behind", "实时，落后 {n}", "即時，落後 {n}";
        rebuilding: "Reading the history again", "正在重新读取历史", "正在重新讀取歷史";
        stopped: "Cannot write", "无法写入", "無法寫入";
        you: "You and how it looks", "账户与外观", "帳戶與外觀";
        language: "Language", "语言", "語言";
        theme: "Light or dark", "浅色或深色", "淺色或深色";
        theme_system: "As the system", "跟随系统", "跟隨系統";
        theme_light: "Light", "浅色", "淺色";
        theme_dark: "Dark", "深色", "深色";
        save: "Save", "保存", "儲存";
        sign_out: "Sign out", "退出登录", "登出";
        close: "Close", "关闭", "關閉";
        keys: "Keys", "快捷键", "快速鍵";
        next: "Next page", "下一页", "下一頁";
        first: "To the first page", "回到第一页", "回到第一頁";
        undo: "Undo", "撤销", "復原";

        sign_in: "Sign in", "登录", "登入";
        sign_in_to: "{company}, on {host}", "{company}，{host}", "{company}，{host}";
        email: "Work e-mail", "工作邮箱", "工作電子郵件";
        password: "Password", "密码", "密碼";
        stay: "Stay signed in on this computer for 30 days", "在这台电脑上保持登录 30 天", "在這台電腦上保持登入 30 天";
        lost: "Lost your password? An admin can send you a link. Your data stays on your own servers.",
            "忘记密码？管理员可以给您发送链接。数据始终保存在您自己的服务器上。",
            "忘記密碼？管理員可以傳送連結給您。資料始終保存在您自己的伺服器上。";
        say: "Some of the people who try your product have felt what it is worth. Firsthand tells you who, when, and why.",
            "试用您产品的人当中，有些已经亲身感受到它的价值。Firsthand 告诉您是谁、何时、为什么。",
            "試用您產品的人當中，有些已經親身感受到它的價值。Firsthand 告訴您是誰、何時、為什麼。";
        wrong: "E-mail and password do not match. {n} attempts left, then a pause of 10 minutes.",
            "邮箱与密码不符。还可尝试 {n} 次，之后需等待 10 分钟。",
            "電子郵件與密碼不符。還可嘗試 {n} 次，之後需等待 10 分鐘。";
        pause: "Too many attempts with this e-mail. Try again in {n}.",
            "此邮箱尝试次数过多，请在 {n}后重试。",
            "此電子郵件嘗試次數過多，請在 {n}後重試。";

        sign_in_by: "Sign in with {other}", "使用 {other} 登录", "使用 {other} 登入";
        or: "or", "或", "或";
        no_passwords: "Passwords are not taken here. An admin can make you a link with firsthand user link.",
            "此处不支持密码登录。管理员可用 firsthand user link 为您生成链接。", "此處不支援密碼登入。管理員可用 firsthand user link 為您產生連結。";
        not_in_stale: "The sign-in was begun elsewhere, or took too long. Begin again.", "登录并非从此处开始或已超时，请重新开始。", "登入並非從此處開始或已逾時，請重新開始。";
        not_in_denied: "{other} did not let you in.", "{other} 未允许登录。", "{other} 未允許登入。";
        not_in_failed: "{other} does not answer as it must. The server’s log tells more; try again in a while.", "{other} 未正确响应。详情见服务器日志，请稍后重试。", "{other} 未正確回應。詳情見伺服器記錄，請稍後重試。";
        not_in_no_address: "{other} tells no e-mail address of yours that it has verified.", "{other} 未提供您已验证的电子邮箱地址。", "{other} 未提供您已驗證的電子郵件地址。";
        not_in_domain: "Your e-mail address is not of a company that may come in here.", "您的电子邮箱域名无权登录此处。", "您的電子郵件網域無權登入此處。";
        not_in_unknown: "You are known to {other}, but not here. Ask an admin to add you.", "{other} 认识您，但此处尚无您的账号。请管理员添加。", "{other} 認識您，但此處尚無您的帳號。請管理員新增。";
        not_in_unlinked: "Somebody with your e-mail address has a password here. Sign in with it; an admin can allow linking with link_by_email.", "此处已有使用您邮箱的密码账号。请用密码登录，管理员可通过 link_by_email 允许关联。", "此處已有使用您電子郵件的密碼帳號。請用密碼登入，管理員可透過 link_by_email 允許連結。";
        not_in_disabled: "You may no longer sign in. Ask an admin.", "您已无法登录，请联系管理员。", "您已無法登入，請聯絡管理員。";
        join_first: "Welcome to Firsthand", "欢迎使用 Firsthand", "歡迎使用 Firsthand";
        join_first_lede: "You are the first. You will be an admin, and can add the others.",
            "您是第一位使用者，将成为管理员，可以添加其他人。",
            "您是第一位使用者，將成為管理員，可以新增其他人。";
        join: "Choose a password", "设置密码", "設定密碼";
        join_lede: "For {name}, {email}.", "{name}，{email}。", "{name}，{email}。";
        name: "Name", "姓名", "姓名";
        name_hint: "Leads are owned, and what you do is recorded, under this name.",
            "线索归属与操作记录都使用这个名字。", "潛在客戶的歸屬與操作記錄都使用這個名字。";
        password_hint: "At least 12 characters. A few words that you can remember are best.",
            "至少 12 个字符，最好是几个容易记住的词。", "至少 12 個字元，最好是幾個容易記住的詞。";
        password_short: "That is too short: at least 12 characters, at most 256.",
            "密码长度须为 12 至 256 个字符。", "密碼長度須為 12 至 256 個字元。";
        name_bad: "Write a name of at most 80 characters.", "请填写不超过 80 个字符的姓名。", "請填寫不超過 80 個字元的姓名。";
        email_bad: "That is no e-mail address, or somebody has it already.",
            "邮箱地址无效，或已被使用。", "電子郵件地址無效，或已被使用。";
        join_act: "Set the password and sign in", "设置密码并登录", "設定密碼並登入";
        link_over: "This link no longer works", "此链接已失效", "此連結已失效";
        link_over_help: "It was used, or a newer one was made, or it is too old. Ask an admin for a new one.",
            "链接已被使用、已被新链接取代或已过期。请向管理员索取新的链接。",
            "連結已被使用、已被新連結取代或已過期。請向管理員索取新的連結。";

        not_found: "Nothing is here", "这里没有内容", "這裡沒有內容";
        not_found_help: "The address may be mistyped, or what was here is gone.",
            "地址可能有误，或内容已被删除。", "位址可能有誤，或內容已被刪除。";
        forbidden: "This page is for others", "您无权查看此页面", "您無權檢視此頁面";
        forbidden_help: "Your role does not open it. An admin can give you another one.",
            "您的角色无权打开此页面，管理员可以为您更改角色。",
            "您的角色無權開啟此頁面，管理員可以為您變更角色。";
        stale: "The form was too old", "表单已过期", "表單已過期";
        stale_help: "You may have signed in or out meanwhile. Nothing was changed. Go back, load the page again, and send it once more.",
            "您可能在此期间登录或退出过。没有任何更改。请返回、刷新页面后重新提交。",
            "您可能在此期間登入或登出過。沒有任何變更。請返回、重新整理頁面後再次送出。";
        stale_tls: "Away from this machine, signing in needs HTTPS: put a proxy that does TLS in front.",
            "从其他机器登录需要 HTTPS：请在前面部署支持 TLS 的代理。",
            "從其他機器登入需要 HTTPS：請在前面部署支援 TLS 的代理。";
        too_large: "That was too much at once", "提交的内容过大", "送出的內容過大";
        too_large_help: "Send less. Nothing was changed.", "请减少内容。没有任何更改。", "請減少內容。沒有任何變更。";
        unreadable: "The form could not be read", "无法读取表单", "無法讀取表單";
        unreadable_help: "Go back, load the page again, and send it once more. Nothing was changed.",
            "请返回、刷新页面后重新提交。没有任何更改。", "請返回、重新整理頁面後再次送出。沒有任何變更。";
        not_ready: "The server is reading its history again", "服务器正在重新读取历史", "伺服器正在重新讀取歷史";
        not_ready_help: "Events are taken in meanwhile, nothing is lost. Load the page again in a few seconds.",
            "期间事件照常接收，不会丢失。请几秒后刷新页面。", "期間事件照常接收，不會遺失。請幾秒後重新整理頁面。";
        busy: "The server is busy", "服务器繁忙", "伺服器忙碌";
        busy_help: "Nothing was done. Try again in a moment.", "没有执行任何操作，请稍后重试。", "沒有執行任何操作，請稍後再試。";
        cannot: "That cannot be done now", "现在无法执行此操作", "現在無法執行此操作";
        broken: "Something broke", "出现故障", "發生故障";
        broken_help: "Nothing you did was wrong. The server's log tells more.",
            "这不是您的问题，服务器日志中有更多信息。", "這不是您的問題，伺服器記錄中有更多資訊。";
        to_leads: "Back to the leads", "返回线索", "返回潛在客戶";
    }
}
