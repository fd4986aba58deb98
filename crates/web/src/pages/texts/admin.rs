//! People and keys.

use super::texts;

texts! {
    /// People and keys.
    Admin {
        people: "People", "成员", "成員";
        people_lede: "Who works with Firsthand, and what they may do.", "谁在使用 Firsthand，以及各自的权限。", "誰在使用 Firsthand，以及各自的權限。";
        person: "Person", "成员", "成員";
        role: "Role", "角色", "角色";
        signed_in: "Signed in", "最近登录", "最近登入";
        state: "State", "状态", "狀態";
        active: "May sign in", "可登录", "可登入";
        invited: "Invited", "已邀请", "已邀請";
        disabled: "May not sign in", "不可登录", "不可登入";
        change_role: "Role of {name}", "{name} 的角色", "{name} 的角色";
        no_access: "No access", "无权限", "無權限";
        change: "Change", "更改", "變更";
        new_link: "New link", "新链接", "新連結";
        new_link_for: "New link for {name}", "为 {name} 生成新链接", "為 {name} 產生新連結";
        add: "Add somebody", "添加成员", "新增成員";
        add_help: "They set their password by a link that works for a week.", "对方通过一周内有效的链接设置密码。", "對方透過一週內有效的連結設定密碼。";
        add_act: "Add and make the link", "添加并生成链接", "新增並產生連結";
        link_title: "Send this link to {name}", "请将此链接发送给 {name}", "請將此連結傳送給 {name}";
        link_help: "It is shown this once, works once, and for a week.", "仅显示这一次，仅可使用一次，一周内有效。", "僅顯示這一次，僅可使用一次，一週內有效。";
        role_admin: "Everything, people and keys included", "全部权限，包括成员与密钥", "全部權限，包括成員與金鑰";
        role_analyst: "Looks at everything; answers no leads", "可查看全部，不处理线索", "可檢視全部，不處理潛在客戶";
        role_rep: "Works on leads", "处理线索", "處理潛在客戶";
        done_changed: "Changed.", "已更改。", "已變更。";
        audit: "What was done", "操作记录", "操作記錄";
        audit_empty: "Nothing has been done yet.", "暂无操作记录。", "尚無操作記錄。";
        audit_none: "Nothing of that was done", "没有符合条件的操作", "沒有符合條件的操作";
        audit_none_help: "Choose somebody else, another act, or other days.", "请选择其他操作人、操作或日期。", "請選擇其他操作人、操作或日期。";
        anybody: "Anybody", "任何人", "任何人";
        anything: "Anything", "任何操作", "任何操作";
        all_of_it: "All of it", "全部", "全部";
        when: "When", "时间", "時間";
        who: "Who", "操作人", "操作人";
        what: "What", "操作", "操作";

        keys: "API keys", "API 密钥", "API 金鑰";
        keys_lede: "Programs ask and act with these. Only hashes are kept.", "程序使用这些密钥访问，仅保存哈希值。", "程式使用這些金鑰存取，僅保存雜湊值。";
        key: "Key", "密钥", "金鑰";
        ends_in: "ends in {hint}", "末尾 {hint}", "末尾 {hint}";
        scopes: "May", "权限", "權限";
        made: "Made", "创建", "建立";
        made_by: "by {who}", "由 {who}", "由 {who}";
        in_force: "In force", "有效", "有效";
        revoked: "Revoked", "已撤销", "已撤銷";
        expired: "Expired", "已过期", "已過期";
        revoke: "Revoke", "撤销", "撤銷";
        revoke_of: "Revoke {name}", "撤销 {name}", "撤銷 {name}";
        keys_empty: "No key was made yet", "尚未创建密钥", "尚未建立金鑰";
        keys_empty_help: "Make one for each program that reads leads or usage.", "为每个读取线索或用量的程序创建一个密钥。", "為每個讀取潛在客戶或用量的程式建立一個金鑰。";
        new_key: "New key", "新建密钥", "新增金鑰";
        key_name: "Name", "名称", "名稱";
        key_name_hint: "What is done with it is recorded under this name.", "使用该密钥的操作以此名称记录。", "使用該金鑰的操作以此名稱記錄。";
        make_key: "Make the key", "创建密钥", "建立金鑰";
        key_made: "Copy the key {name} now", "请立即复制密钥 {name}", "請立即複製金鑰 {name}";
        key_made_help: "It is shown this once.", "仅显示这一次。", "僅顯示這一次。";
        key_bad: "Write a name, and choose what the key may do.", "请填写名称并选择权限。", "請填寫名稱並選擇權限。";
        done_revoked: "The key is revoked.", "密钥已撤销。", "金鑰已撤銷。";
    }
}
