//! Files that are uploaded and taken in.

use super::texts;

texts! {
    /// Files that are uploaded and taken in.
    Imports {
        title: "Import files", "导入文件", "匯入檔案";
        lede: "What was recorded before Firsthand came, or beside it. A file is looked through first; nothing of it counts until you take it in.",
            "Firsthand 上线之前或之外记录的数据。文件会先被检查，确认导入之前不计入任何内容。",
            "Firsthand 上線之前或之外記錄的資料。檔案會先被檢查，確認匯入之前不計入任何內容。";
        upload: "Upload a file", "上传文件", "上傳檔案";
        file: "File", "文件", "檔案";
        file_hint: "NDJSON, CSV or Parquet, plain, gzip or zstd, up to {n} GB. Exports of Segment, RudderStack, PostHog, Mixpanel and Amplitude are recognised.",
            "NDJSON、CSV 或 Parquet，可为 gzip 或 zstd 压缩，最大 {n} GB。可识别 Segment、RudderStack、PostHog、Mixpanel 和 Amplitude 的导出文件。",
            "NDJSON、CSV 或 Parquet，可為 gzip 或 zstd 壓縮，最大 {n} GB。可識別 Segment、RudderStack、PostHog、Mixpanel 和 Amplitude 的匯出檔案。";
        source: "Source", "数据源", "資料來源";
        source_hint: "Ids are unique within it. Left empty, it is “import”.", "ID 在同一数据源内唯一。留空则为“import”。", "ID 在同一資料來源內唯一。留空則為「import」。";
        send: "Upload and look through", "上传并检查", "上傳並檢查";
        no_file: "Choose a file first.", "请先选择文件。", "請先選擇檔案。";
        files: "Uploaded files", "已上传的文件", "已上傳的檔案";
        files_sub: "a file itself is thrown away once it was taken in, or after a day", "文件导入后或一天后即删除", "檔案匯入後或一天後即刪除";
        none: "No file was uploaded yet", "尚未上传文件", "尚未上傳檔案";
        none_help: "Larger files go in with firsthand import while the server is stopped.", "更大的文件请在服务器停止时用 firsthand import 导入。", "更大的檔案請在伺服器停止時用 firsthand import 匯入。";
        uploaded: "Uploaded", "上传", "上傳";
        by: "by {who}", "由 {who}", "由 {who}";
        state: "State", "状态", "狀態";
        facts: "Facts", "事实", "事實";

        s_checking: "Looking through", "检查中", "檢查中";
        s_unclear: "Needs you", "待处理", "待處理";
        s_ready: "Ready", "可导入", "可匯入";
        s_taking: "Being taken in", "导入中", "匯入中";
        s_taken: "Taken in", "已导入", "已匯入";
        s_stopped: "Stopped", "已停止", "已停止";

        p_waiting: "Waiting for its turn; one file is at work at a time.", "等待处理，每次处理一个文件。", "等待處理，每次處理一個檔案。";
        p_reading: "Reading: {n} records so far", "读取中：已读 {n} 条记录", "讀取中：已讀 {n} 筆記錄";
        p_writing: "Sorting and writing", "排序并写入", "排序並寫入";
        p_judging: "Judging everybody anew", "重新判断所有对象", "重新判斷所有對象";
        p_read: "{n}% of the file", "文件的 {n}%", "檔案的 {n}%";
        again: "This page looks again by itself.", "本页会自动刷新。", "本頁會自動更新。";
        look_again: "Look again", "刷新", "重新整理";
        stop: "Stop", "停止", "停止";
        goes_on_checking: "The file is being looked through", "正在检查文件", "正在檢查檔案";
        goes_on_taking: "The file is being taken in", "正在导入文件", "正在匯入檔案";
        goes_on_help: "Events go on coming in meanwhile. Until it is done nothing of the file counts.", "期间仍正常接收事件。完成之前不计入文件的任何内容。", "期間仍正常接收事件。完成之前不計入檔案的任何內容。";

        ready: "{n} facts can be taken in", "可导入 {n} 条事实", "可匯入 {n} 筆事實";
        records: "Records", "记录", "記錄";
        records_note: "read as {what}", "识别为 {what}", "識別為 {what}";
        facts_note: "{first} to {last}", "{first} 至 {last}", "{first} 至 {last}";
        refused: "Refused", "已拒绝", "已拒絕";
        refused_note: "of {n} records", "共 {n} 条记录", "共 {n} 筆記錄";
        sample: "The first facts", "最前面的事实", "最前面的事實";
        when: "When", "时间", "時間";
        who: "Who", "对象", "對象";
        what: "What", "内容", "內容";
        more: "Says", "属性", "屬性";
        rejects: "What cannot be read", "无法读取的内容", "無法讀取的內容";
        reason: "Reason", "原因", "原因";
        count: "Records", "记录数", "記錄數";
        rejects_look: "Look at the records", "查看这些记录", "檢視這些記錄";
        rejects_title: "Refused records of {file}", "{file} 中被拒绝的记录", "{file} 中被拒絕的記錄";
        rejects_lede: "As they stand in the file, each with its reason. Mend them there and upload the file again: what was taken in already counts once.",
            "文件中的原始记录及拒绝原因。修正后重新上传即可，已导入的内容只计一次。",
            "檔案中的原始記錄及拒絕原因。修正後重新上傳即可，已匯入的內容只計一次。";
        line: "Line", "行", "行";
        record: "Record", "记录", "記錄";
        notices: "Read, but worth a look", "已读取，但值得留意", "已讀取，但值得留意";
        take: "Take it in", "导入", "匯入";
        take_help: "All of it counts at once. Timelines, meters and stages are then as if it had been there all along.", "全部内容一次生效。此后的时间线、计量与阶段如同这些数据一直存在。", "全部內容一次生效。此後的時間線、計量與階段如同這些資料一直存在。";
        apply: "Open leads for who qualifies by it now", "为因此合格的对象创建线索", "為因此合格的對象建立潛在客戶";
        apply_help: "Plays run for them, so messages go out. Left off, it is recorded that they qualify and nobody is told.", "会对其执行触达流程并发送消息。不勾选则仅记录合格，不通知任何人。", "會對其執行觸達流程並傳送訊息。不勾選則僅記錄合格，不通知任何人。";
        discard: "Throw the file away", "删除文件", "刪除檔案";
        forget: "Remove from the list", "从列表移除", "從清單移除";

        unclear: "The file cannot be taken in as it is", "文件目前无法导入", "檔案目前無法匯入";
        columns_unclear: "Say what its columns are", "请说明各列的含义", "請說明各欄的含義";
        missing: "Not clear yet: {what}", "尚不明确：{what}", "尚不明確：{what}";
        mapping: "How the file is read", "文件的读取方式", "檔案的讀取方式";
        mapping_known: "Its shape is known; nothing has to be said.", "格式已识别，无需说明。", "格式已識別，無需說明。";
        mapping_guessed: "Proposed by the names and the look of its columns.", "根据列名与内容推测。", "根據欄名與內容推測。";
        kind: "Each row is", "每行是", "每列是";
        k_event: "an event", "一个事件", "一個事件";
        k_record: "a record, such as a bill", "一条记录，如账单", "一筆記錄，如帳單";
        k_traits: "traits", "属性", "屬性";
        k_membership: "a membership", "成员关系", "成員關係";
        k_number: "a number from outside", "外部数值", "外部數值";
        k_link: "a link of ids", "ID 关联", "ID 關聯";
        c_time: "Time", "时间", "時間";
        c_time_format: "Format of the time", "时间格式", "時間格式";
        c_time_format_hint: "Empty where it is clear; else day first, month first, epoch ms or %d.%m.%Y.", "明确时留空，否则填写 day first、month first、epoch ms 或 %d.%m.%Y。", "明確時留空，否則填寫 day first、month first、epoch ms 或 %d.%m.%Y。";
        c_event: "Event's name", "事件名称", "事件名稱";
        c_event_name: "Or one name for all rows", "或所有行同一名称", "或所有列同一名稱";
        c_person: "Person", "人员", "人員";
        c_anonymous: "Anonymous id", "匿名 ID", "匿名 ID";
        c_account: "Account", "客户", "客戶";
        c_id: "Id of the row", "行 ID", "列 ID";
        c_of: "Of", "属于", "屬於";
        of_nobody: "whom it names", "所指对象", "所指對象";
        of_person: "the person", "人员", "人員";
        of_account: "the account", "客户", "客戶";
        no_column: "—", "—", "—";
        named: "A mapping of firsthand.yaml", "firsthand.yaml 中的映射", "firsthand.yaml 中的對應";
        not_named: "none", "无", "無";
        other_keys: "Other keys, one a line", "其他键，每行一个", "其他鍵，每行一個";
        other_keys_hint: "Such as known_at=received_at, zone=Europe/Berlin or drop=comment. docs/import.md lists them.", "例如 known_at=received_at、zone=Europe/Berlin 或 drop=comment，详见 docs/import.md。", "例如 known_at=received_at、zone=Europe/Berlin 或 drop=comment，詳見 docs/import.md。";
        read_again: "Look through again", "重新检查", "重新檢查";

        taken: "{n} facts were added", "已新增 {n} 条事实", "已新增 {n} 筆事實";
        taken_none: "Nothing was new", "没有新内容", "沒有新內容";
        added: "Added", "新增", "新增";
        there: "There already", "已存在", "已存在";
        there_note: "{n} repeats within the file", "文件内重复 {n} 条", "檔案內重複 {n} 筆";
        changed: "Timelines changed", "时间线变化", "時間線變化";
        changed_note: "{n} lines in the ledger", "账本新增 {n} 行", "帳本新增 {n} 行";
        told: "Leads opened for who qualifies by it.", "已为因此合格的对象创建线索。", "已為因此合格的對象建立潛在客戶。";
        not_told: "Nobody was told who qualifies by it.", "未通知任何人。", "未通知任何人。";
        left_out: "Kept, but not all of it counts", "已保留，但不全部计入", "已保留，但不全部計入";
        stopped: "It was stopped: nothing of it counts", "已停止，未计入任何内容", "已停止，未計入任何內容";

        done_read: "The file is looked through again.", "正在重新检查文件。", "正在重新檢查檔案。";
        done_gone: "The file is thrown away.", "文件已删除。", "檔案已刪除。";
        done_stopping: "It is being stopped.", "正在停止。", "正在停止。";
        megabytes: "{n} MB", "{n} MB", "{n} MB";
        kilobytes: "{n} kB", "{n} kB", "{n} kB";
    }
}
