//! Writing definitions: the editor, its preview, versions, publishing.

use super::texts;

texts! {
    /// Writing definitions: the editor, its preview, versions, publishing.
    Bench {
        edit: "Edit and preview", "编辑与预览", "編輯與預覽";
        changes: "Changes", "更改", "變更";
        stories: "Stories", "示例", "範例";
        versions: "Versions", "版本", "版本";
        leads: "Leads", "线索", "潛在客戶";
        explain: "Explain an account", "解释客户", "解釋客戶";
        tabs: "Definition", "定义", "定義";
        new: "New definition", "新建定义", "新增定義";
        check_act: "Check and preview", "检查并预览", "檢查並預覽";
        discard_act: "Discard draft", "放弃草稿", "捨棄草稿";
        publish_act: "Publish", "发布", "發布";
        draft_saved: "Draft, saved {when}", "草稿，{when} 已保存", "草稿，{when} 已儲存";
        draft_refused: "Draft is refused", "草稿被拒绝", "草稿被拒絕";
        draft_stale: "This draft began from version {version}; version {running} decides meanwhile.",
            "此草稿基于版本 {version}；目前生效的是版本 {running}。", "此草稿基於版本 {version}；目前生效的是版本 {running}。";
        not_yet: "Not published yet", "尚未发布", "尚未發布";
        text_label: "Definition text", "定义文本", "定義文字";
        editor_hint: "Tab indents. Press Escape, then Tab, to leave the field.", "Tab 键缩进。按 Esc 再按 Tab 离开输入框。", "Tab 鍵縮排。按 Esc 再按 Tab 離開輸入框。";
        reference: "Language reference: docs/language.md", "语言参考：docs/language.md", "語言參考：docs/language.md";
        diagnostics: "Diagnostics", "诊断", "診斷";
        no_problems: "No problems", "没有问题", "沒有問題";
        error_one: "{n} error", "{n} 个错误", "{n} 個錯誤";
        error_many: "{n} errors", "{n} 个错误", "{n} 個錯誤";
        warning_one: "{n} warning", "{n} 个警告", "{n} 個警告";
        warning_many: "{n} warnings", "{n} 个警告", "{n} 個警告";
        place: "line {line}, column {column}", "第 {line} 行第 {column} 列", "第 {line} 行第 {column} 欄";
        apply: "Use {text}", "改用 {text}", "改用 {text}";
        changes_against: "Changes against the running version", "与生效版本的差异", "與生效版本的差異";
        unchanged: "Nothing is changed.", "没有更改。", "沒有變更。";
        same_version: "The version is the same: comments and spacing change none.", "版本相同：注释与空格不影响版本。", "版本相同：註解與空格不影響版本。";
        stories_hold: "{n} of {m} hold", "{n} / {m} 成立", "{n} / {m} 成立";
        story_passed: "Holds", "成立", "成立";
        story_failed: "Came out differently", "结果不符", "結果不符";
        story_not_run: "Not run", "未运行", "未執行";
        stories_none: "No examples yet. Write some under expect: they are run at every check.",
            "尚无示例。在 expect 下编写，每次检查都会运行。", "尚無範例。在 expect 下撰寫，每次檢查都會執行。";
        preview: "Preview", "预览", "預覽";
        refused_title: "No preview until the text is understood", "文本无法理解，暂无预览", "文字無法理解，暫無預覽";
        refused_help: "The running version goes on deciding. Nothing you write here changes a lead before you publish it.",
            "生效版本继续工作。发布之前，这里的内容不会改变任何线索。", "生效版本繼續運作。發布之前，這裡的內容不會改變任何潛在客戶。";
        nothing_title: "Nothing to look back on yet", "尚无可回顾的记录", "尚無可回顧的記錄";
        nothing_help: "What your sources send is brought into the history within a day; then a draft can be tried over it.",
            "数据源发送的内容会在一天内写入历史，之后即可试用草稿。", "資料來源傳送的內容會在一天內寫入歷史，之後即可試用草稿。";
        too_long_title: "This takes longer than a page can wait", "所需时间超过页面等待时限", "所需時間超過頁面等待時限";
        too_long_help: "Try it on the command line: firsthand replay --backtest.", "请在命令行中尝试：firsthand replay --backtest。", "請在命令列嘗試：firsthand replay --backtest。";
        superseded_title: "A newer preview is under way", "正在计算更新的预览", "正在計算較新的預覽";
        superseded_help: "Check and preview once more to see this one.", "请再次检查并预览。", "請再次檢查並預覽。";
        per_week: "{n} a week would enter", "每周将有 {n} 个进入", "每週將有 {n} 個進入";
        weeks_note: "Replay of {facts} facts up to {until}, {ms} ms.", "回放截至 {until} 的 {facts} 条事实，用时 {ms} 毫秒。", "重播截至 {until} 的 {facts} 筆事實，耗時 {ms} 毫秒。";
        draft: "Draft", "草稿", "草稿";
        running: "Running", "生效", "生效";
        running_week: "Running, {n} a week", "生效版本，每周 {n}", "生效版本，每週 {n}";
        week_of: "Week of", "周", "週";
        weeks_label: "Entries week by week over {n} weeks", "{n} 周内每周进入数", "{n} 週內每週進入數";
        show_data: "Show the data", "显示数据", "顯示資料";
        line_title: "Where to draw the line", "界线划在哪里", "界線劃在哪裡";
        line_note: "Above: the share that reached “{outcome}” within {days} days. Below: how many, by the furthest they got before.",
            "上：{days} 天内达到“{outcome}”的比例。下：按此前达到的最高值计数。", "上：{days} 天內達到「{outcome}」的比例。下：按此前達到的最高值計數。";
        line_beyond: "{n} lie off this scale.", "{n} 个在刻度之外。", "{n} 個在刻度之外。";
        line_label: "Subjects and the share that succeeded, by {value}", "按 {value} 的数量与成功比例", "按 {value} 的數量與成功比例";
        line_choose: "Look at", "查看", "檢視";
        line_act: "Preview this line", "预览此界线", "預覽此界線";
        line_back: "Back to {at}, which is running", "恢复为生效的 {at}", "恢復為生效的 {at}";
        at_least: "At least", "至少", "至少";
        at_most: "At most", "至多", "至多";
        a_week: "A week", "每周", "每週";
        precision: "Precision", "准确率", "準確率";
        recall: "Recall", "召回率", "召回率";
        lift: "Lift", "提升", "提升";
        lead_time: "Lead time", "提前量", "提前量";
        subjects: "Subjects", "数量", "數量";
        succeeded: "Succeeded", "成功", "成功";
        interval: "Interval", "区间", "區間";
        between: "{a} to {b}", "{a} 至 {b}", "{a} 至 {b}";
        others_caption: "What other numbers would give", "其他数值的结果", "其他數值的結果";
        quality_title: "Does it find those who succeed?", "它能找到成功者吗？", "它能找到成功者嗎？";
        quality_note: "Against {n} that reached “{outcome}”; {base} do within {days} days of their start.",
            "对照 {n} 个达到“{outcome}”者；起始后 {days} 天内达到的占 {base}。", "對照 {n} 個達到「{outcome}」者；起始後 {days} 天內達到的占 {base}。";
        measure: "Measure", "指标", "指標";
        difference: "Difference", "差异", "差異";
        precision_help: "of those who enter, how many succeed in time", "进入者中按时成功的比例", "進入者中按時成功的比例";
        recall_help: "of those who succeed, how many entered before", "成功者中此前进入的比例", "成功者中此前進入的比例";
        lift_help: "against everybody in the same time", "相对所有人在同期的比例", "相對所有人在同期的比例";
        lead_help: "days from entering to success; half lie within the line", "从进入到成功的天数；线内为中间一半", "從進入到成功的天數；線內為中間一半";
        better: "better", "更好", "更好";
        worse: "worse", "更差", "更差";
        unclear: "not clear yet", "尚不明确", "尚不明確";
        same: "the same", "相同", "相同";
        same_note: "Nothing differs: the draft is what is running. {note}", "没有差异：草稿即当前生效的版本。{note}", "沒有差異：草稿即目前生效的版本。{note}";
        earlier: "earlier", "更早", "更早";
        later: "later", "更晚", "更晚";
        intervals: "Lines: 95% intervals", "线：95% 区间", "線：95% 區間";
        times: "{n}×", "{n} 倍", "{n} 倍";
        days: "{n} d", "{n} 天", "{n} 天";
        success: "Success", "成功标准", "成功標準";
        within: "Within", "时限", "時限";
        days_long: "{n} days", "{n} 天", "{n} 天";
        compare_act: "Hold against", "对照", "對照";
        no_outcome: "The project has no outcome for these subjects: say under outcomes what counts as success.",
            "项目未定义此类对象的结果：请在 outcomes 下说明何为成功。", "專案未定義此類對象的結果：請在 outcomes 下說明何為成功。";
        movers_title: "Who enters, who leaves", "谁进入，谁离开", "誰進入，誰離開";
        movers_same: "{n} the same", "{n} 个不变", "{n} 個不變";
        enter: "+{n} enter", "+{n} 进入", "+{n} 進入";
        leave: "−{n} leave", "−{n} 离开", "−{n} 離開";
        of_them: "{n} of {m} succeeded, {share}", "{n} / {m} 成功，{share}", "{n} / {m} 成功，{share}";
        did: "Succeeded", "已成功", "已成功";
        did_not: "Did not", "未成功", "未成功";
        too_early: "Too early", "为时尚早", "為時尚早";
        nobody_moves: "Nobody.", "无。", "無。";
        now_note: "{n} qualify now under the draft, {new} of them new; {gone} would no longer. Publishing records them; plays run for them only when asked.",
            "按草稿目前有 {n} 个合格，其中 {new} 个为新增；{gone} 个不再合格。发布时记录它们；只有明确要求时才执行行动。",
            "按草稿目前有 {n} 個合格，其中 {new} 個為新增；{gone} 個不再合格。發布時記錄它們；只有明確要求時才執行行動。";
        near_title: "Nearly there", "即将满足", "即將符合";
        near_sub: "{n} lack one condition", "{n} 个缺一项条件", "{n} 個缺一項條件";
        explain_one: "Explain", "解释", "解釋";
        missing_mark: "Missing", "缺少", "缺少";

        versions_lede: "Every version that has decided, with its text.", "所有曾生效的版本及其文本。", "所有曾生效的版本及其文字。";
        version: "Version", "版本", "版本";
        by: "By", "发布者", "發布者";
        since: "Since", "自", "自";
        take_text: "Take this text into the draft", "将此文本放入草稿", "將此文字放入草稿";
        compare_from: "From", "从", "從";
        compare_to: "To", "至", "至";
        compare_show: "Compare", "对比", "對比";
        no_text: "Its text was not kept.", "未保存其文本。", "未保存其文字。";

        new_lede: "Begin with a few words; the rest is written in the editor. Nothing decides before it is published.",
            "先写几个词，其余在编辑器中完成。发布前不会生效。", "先寫幾個詞，其餘在編輯器中完成。發布前不會生效。";
        new_name: "Name", "名称", "名稱";
        new_name_hint: "Small letters, digits and hyphens, such as active-team. It cannot be changed later.",
            "小写字母、数字和连字符，例如 active-team。之后不可更改。", "小寫字母、數字和連字號，例如 active-team。之後不可變更。";
        new_title: "What it is for", "用途", "用途";
        new_title_hint: "In a few words, as a colleague would say it.", "用同事的话简要说明。", "用同事的話簡要說明。";
        new_track: "Track", "类别", "類別";
        new_subject: "Judges", "判断对象", "判斷對象";
        new_act: "Begin", "开始", "開始";
        new_none: "None: a named condition", "无：命名条件", "無：具名條件";
        new_wrong: "This cannot be its name. Write small letters, digits and hyphens.", "不能用作名称。请使用小写字母、数字和连字符。", "不能用作名稱。請使用小寫字母、數字和連字號。";
        new_taken: "There is one of this name already.", "已有同名定义。", "已有同名定義。";
        drafts: "Your drafts", "您的草稿", "您的草稿";
        drafts_sub: "Seen by nobody else, and deciding nothing, until they are published.", "发布前他人不可见，也不会生效。", "發布前他人不可見，也不會生效。";
        saved: "Saved", "保存于", "儲存於";

        done_published: "Published. It decides as soon as it has caught up with the history.", "已发布。追上历史后即生效。", "已發布。追上歷史後即生效。";
        done_discarded: "The draft is gone; the running version is as it was.", "草稿已放弃，生效版本不变。", "草稿已捨棄，生效版本不變。";
        done_taken: "The text is in your draft.", "文本已放入草稿。", "文字已放入草稿。";

        publish_title: "Publish {name}?", "发布 {name}？", "發布 {name}？";
        publish_note: "From then on this text decides. What earlier versions decided stays in the ledger.",
            "此后由此文本判断。以往版本的判断保留在账本中。", "此後由此文字判斷。以往版本的判斷保留在帳本中。";
        publish_now: "Qualify now", "目前合格", "目前合格";
        publish_known: "of them known already", "其中已知", "其中已知";
        publish_new: "of them new", "其中新增", "其中新增";
        publish_gone: "No longer qualify", "不再合格", "不再合格";
        publish_gone_note: "{n}; leads that somebody works on stay, with a note", "{n}；已有人处理的线索保留并附注", "{n}；已有人處理的潛在客戶保留並附註";
        publish_later: "Later, a week", "此后每周", "此後每週";
        publish_instead: "{n} instead of {m}", "{n}，原为 {m}", "{n}，原為 {m}";
        publish_existing: "The {n} that qualify already", "已合格的 {n} 个", "已合格的 {n} 個";
        publish_record: "Record them, run no play", "仅记录，不执行行动", "僅記錄，不執行行動";
        publish_record_note: "Nobody is written to.", "不会联系任何人。", "不會聯絡任何人。";
        publish_apply: "Open leads and run the plays for them too", "同时为其建立线索并执行行动", "同時為其建立潛在客戶並執行行動";
        publish_apply_note: "Messages go out, within the contact budget.", "将在联系额度内发送消息。", "將在聯絡額度內傳送訊息。";
        publish_apply_admins: "Only an admin can choose this: it sends.", "仅管理员可选：会发送消息。", "僅管理員可選：會傳送訊息。";
        publish_file: "Written to", "写入", "寫入";
        publish_unknown: "not counted", "未统计", "未統計";
        back_to_draft: "Back to the draft", "返回草稿", "返回草稿";
        publish_none: "Nothing to publish: the draft is the running version, or it is refused.", "没有可发布的内容：草稿与生效版本相同或被拒绝。", "沒有可發布的內容：草稿與生效版本相同或被拒絕。";
    }
}
