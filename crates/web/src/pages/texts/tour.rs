//! The words of the guided tour.

use super::texts;

texts! {
    /// The words of the guided tour.
    TourTexts {
        label: "Guided tour", "导览", "導覽";
        offer: "This company is simulated. Nothing you do here reaches anybody.", "这是一家模拟公司，您在此处的操作不会影响任何人。", "這是一家模擬公司，您在此處的操作不會影響任何人。";
        start: "Take the tour, {n} stops", "开始导览，共 {n} 站", "開始導覽，共 {n} 站";
        stop: "{n} of {m}", "第 {n} 站，共 {m} 站", "第 {n} 站，共 {m} 站";
        next: "Next", "下一站", "下一站";
        back: "Back", "上一站", "上一站";
        end: "End the tour", "结束导览", "結束導覽";

        inbox: "Everybody in here has experienced the product's value and is ready to talk. Each row says why in one line. Press j and k to move, a to accept. Stay a minute: Acme Bikes is about to come in.",
            "收件箱里的每个客户都已体验到产品价值，可以联系了。每一行用一句话说明原因。按 j 和 k 移动，按 a 接受。稍等片刻：Acme Bikes 即将出现。",
            "收件匣裡的每個客戶都已體驗到產品價值，可以聯絡了。每一列用一句話說明原因。按 j 和 k 移動，按 a 接受。稍等片刻：Acme Bikes 即將出現。";
        ripe: "Acme Bikes on one page: what it uses of its plan, what holds and what does not, who works there, and what happened when.",
            "一页看清 Acme Bikes:套餐用量、哪些条件成立、哪些不成立、有哪些人员，以及何时发生了什么。",
            "一頁看清 Acme Bikes:方案用量、哪些條件成立、哪些不成立、有哪些人員，以及何時發生了什麼。";
        not_yet: "Blue Door Yoga next door does all the same with fewer contacts. The page says what is missing: 600 more.",
            "隔壁的 Blue Door Yoga 行为相同，只是联系人较少。页面会说明还差什么：还差 600 个。",
            "隔壁的 Blue Door Yoga 行為相同，只是聯絡人較少。頁面會說明還差什麼：還差 600 個。";
        define: "The definition is English that a team can read aloud. Change the 80% and see, over the whole year, who would have qualified and how many of them bought.",
            "定义可以像句子一样读出来。改动 80%,即可看到全年有谁会合格、其中多少人购买。",
            "定義可以像句子一樣讀出來。改動 80%,即可看到全年有誰會合格、其中多少人購買。";
        prove: "Do product-qualified accounts buy more often than others? Every figure says what it counts and how sure it is.",
            "产品合格的客户是否更常购买?每个数字都说明统计口径与可信程度。",
            "產品合格的客戶是否更常購買?每個數字都說明統計口徑與可信程度。";
        act: "A play says what is done about a lead: first a message inside the product, then a mail, then a rep. Some accounts get nothing, so that the effect can be measured.",
            "策略规定如何跟进线索：先在产品内提示，再发邮件，最后交给销售。部分客户不会收到任何消息，以便衡量效果。",
            "策略規定如何跟進潛在客戶：先在產品內提示，再寄郵件，最後交給業務。部分客戶不會收到任何訊息，以便衡量成效。";
        sent: "Every message with what came of it. Those that were given up can be sent again.",
            "每条消息及其结果。已放弃的消息可以重新发送。",
            "每則訊息及其結果。已放棄的訊息可以重新傳送。";
        feed: "Events come in here, live. What cannot be read is kept with its reason. Your own clients send to the same address.",
            "事件实时到达此处。无法读取的内容会连同原因保留。您自己的客户端也发送到同一地址。",
            "事件即時到達此處。無法讀取的內容會連同原因保留。您自己的用戶端也傳送到同一位址。";
    }
}
