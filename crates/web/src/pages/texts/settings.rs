//! The settings.

use super::texts;

texts! {
    /// The settings.
    Settings {
        title: "Settings", "设置", "設定";
        lede: "As they stand in the project’s files. They are changed there; secrets are not shown.",
            "项目文件中的设置。请在文件中修改，密钥不会显示。", "專案檔案中的設定。請在檔案中修改，金鑰不會顯示。";
        changed: "firsthand.yaml has changed since the server has started. Unless that was a definition that is published, start it again for the change to count.",
            "服务器启动后 firsthand.yaml 已更改。若不是已发布的定义，请重新启动服务器使更改生效。", "伺服器啟動後 firsthand.yaml 已變更。若不是已發布的定義，請重新啟動伺服器使變更生效。";
        when_counts: "When a change counts", "更改何时生效", "變更何時生效";
        counts_definitions: "Definitions: once they are published, on their page. The server goes on.",
            "定义：在其页面发布后生效，服务器无需重启。", "定義：在其頁面發布後生效，伺服器無需重新啟動。";
        counts_rest: "All else: plans and limits, identity, the contact budget, channels, plays, sources, sign-in, retention. After firsthand check, start the server again; events are taken in meanwhile by those who send them again.",
            "其余设置（套餐与上限、身份规则、触达预算、渠道、流程、数据源、登录、保留期）：运行 firsthand check 后重新启动服务器，期间客户端会重新发送事件。",
            "其餘設定（方案與上限、身分規則、觸達預算、管道、流程、資料來源、登入、保留期）：執行 firsthand check 後重新啟動伺服器，期間用戶端會重新傳送事件。";
        docs: "docs/configuration.md describes every key; firsthand config schema lets an editor complete and check them.",
            "docs/configuration.md 介绍了每个键，firsthand config schema 可让编辑器补全与检查。",
            "docs/configuration.md 介紹了每個鍵，firsthand config schema 可讓編輯器補全與檢查。";
        variables: "Environment variables", "环境变量", "環境變數";
        variables_sub: "in the place of secrets", "用于存放密钥", "用於存放金鑰";
        variable: "Variable", "变量", "變數";
        is_set: "Set", "已设置", "已設定";
        is_unset: "Not set", "未设置", "未設定";
        no_variables: "The files name none.", "文件中未使用。", "檔案中未使用。";
        unreadable: "The file is not YAML as it stands, so that nobody can tell what in it is secret. firsthand check says what is wrong.",
            "该文件不是有效的 YAML，无法判断其中的密钥，故不显示。firsthand check 会指出错误。",
            "該檔案不是有效的 YAML，無法判斷其中的金鑰，故不顯示。firsthand check 會指出錯誤。";
        audit_lede: "What was done on the pages and with commands, the newest first.", "页面与命令中的操作，最新的在前。", "頁面與命令中的操作，最新的在前。";
        audit_all: "All that was done", "全部操作记录", "全部操作記錄";
    }
}
