//! How far a publication is.

use super::texts;

texts! {
    /// How far a publication is.
    Following {
        waiting: "{names}: waits for something else to end", "{names}：等待其他任务结束", "{names}：等待其他工作結束";
        reading: "{names}: the history is judged anew", "{names}：正在重新判断历史", "{names}：正在重新判斷歷史";
        read: "{n} of {m} facts", "{m} 条事实中的 {n} 条", "{m} 筆事實中的 {n} 筆";
        recording: "{names}: who qualifies is written down", "{names}：正在记录合格的对象", "{names}：正在記錄合格的對象";
        lines: "{n} lines so far", "已写入 {n} 行", "已寫入 {n} 行";
        applying: "{names}: it takes over", "{names}：正在生效", "{names}：正在生效";
        goes_on: "What decided before goes on until then.", "在此之前，原版本继续生效。", "在此之前，原版本繼續生效。";
        done: "{names}: it decides since {when}", "{names}：已生效，发布于{when}", "{names}：已生效，發布於{when}";
        done_applied: "Leads were opened for who qualified already.", "已为此前合格的对象开启线索。", "已為此前合格的對象開啟潛在客戶。";
        done_recorded: "Who qualified already is recorded, and nobody was told.", "此前合格的对象已记录，未通知任何人。", "此前合格的對象已記錄，未通知任何人。";
        failed: "{names}: it could not be published", "{names}：发布失败", "{names}：發布失敗";
        failed_help: "What decided before goes on. The files are what they were.", "原版本继续生效，文件保持原样。", "原版本繼續生效，檔案保持原樣。";
        restart: "Counts only after a restart: {keys}.", "重新启动后才生效：{keys}。", "重新啟動後才生效：{keys}。";
        by: "Published by {who}, {when}.", "由 {who} 发布，{when}。", "由 {who} 發布，{when}。";
    }
}
