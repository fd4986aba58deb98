//! Reports: the lifecycle, backtests, what outreach caused.

use super::texts;

texts! {
    /// Reports: the lifecycle, backtests, what outreach caused.
    Reports {
        lifecycle: "Lifecycle", "生命周期", "生命週期";
        backtests: "Backtests", "回测", "回測";
        holdouts: "Holdouts", "对照组", "對照組";
        what_it_caused: "What outreach caused", "触达带来的效果", "觸達帶來的效果";
        who_is_held_out: "Who is held out", "谁在对照组", "誰在對照組";
        parts: "Reports", "报告", "報告";
        export: "Export CSV", "导出 CSV", "匯出 CSV";
        show: "Show", "显示", "顯示";
        data: "Show the data", "显示数据", "顯示資料";
        cohort: "Which accounts", "选择客户", "選擇客戶";
        from: "From", "从", "從";
        to: "to", "至", "至";
        by: "Dates are of", "日期依据", "日期依據";
        by_began: "the beginning", "开始时间", "開始時間";
        by_found: "being found", "被发现时间", "被發現時間";
        segment: "Segment", "分群", "分群";
        all_accounts: "All accounts", "所有客户", "所有客戶";
        outcome: "Outcome", "结果", "結果";
        any_outcome: "Any outcome", "任意结果", "任意結果";
        usual_outcome: "The usual one", "默认结果", "預設結果";
        within: "Within", "期限", "期限";
        n_days: "{n} days", "{n} 天", "{n} 天";
        split: "Tell apart at", "分界日期", "分界日期";

        lede: "Accounts from {from} to {to}, watched until {last}. Where an account was found twice, the first counts; a share counts only those that could be watched for {n} days.",
            "{from}至{to}的客户，观察至{last}。多次被发现的客户只计首次；占比仅统计可完整观察 {n} 天的客户。",
            "{from}至{to}的客戶，觀察至{last}。多次被發現的客戶只計首次；占比僅統計可完整觀察 {n} 天的客戶。";
        waiting: "{n} newer facts do not count yet; they will within minutes.",
            "另有 {n} 条较新的事实尚未计入，几分钟内即会计入。",
            "另有 {n} 筆較新的事實尚未計入，幾分鐘內即會計入。";
        refused: "This cannot be asked, so all accounts are shown: {detail}.",
            "无法按此条件查询，已显示全部：{detail}。", "無法按此條件查詢，已顯示全部：{detail}。";
        preparing: "The report is being worked out", "正在计算报告", "正在計算報告";
        preparing_help: "Everybody is judged over the whole history, once for all questions. This page comes back by itself.",
            "正在对全部历史进行判断，完成后可回答所有问题。页面会自动刷新。",
            "正在對全部歷史進行判斷，完成後可回答所有問題。頁面會自動重新整理。";
        nobody: "No account fits", "没有符合条件的客户", "沒有符合條件的客戶";
        nobody_help: "Nobody began, or was found, on these dates and in this segment. Choose others, or send events: docs/sources.md.",
            "在所选日期与分群内，没有客户开始或被发现。请更改条件，或发送事件：docs/sources.md。",
            "在所選日期與分群內，沒有客戶開始或被發現。請更改條件，或傳送事件：docs/sources.md。";

        product_many: "PQLs", "PQL 客户", "PQL 客戶";
        marketing_many: "MQLs", "MQL 客户", "MQL 客戶";
        neither_many: "others", "其他客户", "其他客戶";
        expansion_many: "growing customers", "成长中的客户", "成長中的客戶";
        product_buy: "PQLs who buy", "购买的 PQL", "購買的 PQL";
        marketing_buy: "MQLs who buy", "购买的 MQL", "購買的 MQL";
        neither_buy: "Others who buy", "购买的其他客户", "購買的其他客戶";
        alike_buy: "Those like PQLs who buy", "与 PQL 相似且购买的客户", "與 PQL 相似且購買的客戶";
        alike_note: "of the same age at the same time, found by nobody yet",
            "同一时间、同样时长、尚未被发现的客户", "同一時間、同樣時長、尚未被發現的客戶";
        alike_times: "PQLs buy {n} times as often; between {low} and {high}",
            "PQL 的购买频率是其 {n} 倍（{low} 至 {high}）", "PQL 的購買頻率是其 {n} 倍（{low} 至 {high}）";
        base: "{n} of {m}", "{m} 个中的 {n} 个", "{m} 個中的 {n} 個";
        base_between: "{n} of {m}; between {low} and {high}",
            "{m} 个中的 {n} 个（{low} 至 {high}）", "{m} 個中的 {n} 個（{low} 至 {high}）";
        between: "{low} to {high}", "{low} 至 {high}", "{low} 至 {high}";
        at_least: "at least {low}", "至少 {low}", "至少 {low}";

        who_buys: "Who was found, and who bought", "谁被发现，谁购买了", "誰被發現，誰購買了";
        found_times: "{one} buy {n} times as often as {other}", "{one}的购买频率是{other}的 {n} 倍", "{one}的購買頻率是{other}的 {n} 倍";
        found_more: "{one} buy more often than {other}", "{one}比{other}更常购买", "{one}比{other}更常購買";
        found_less: "{one} buy less often than {other}", "{one}比{other}更少购买", "{one}比{other}更少購買";
        found_unclear: "Whether {one} buy more often than {other} is not clear yet",
            "{one}是否比{other}更常购买，尚不明确", "{one}是否比{other}更常購買，尚不明確";
        neither: "Neither", "均未发现", "均未發現";
        neither_title: "Found by neither", "两者均未发现", "兩者均未發現";
        entered: "{n} accounts", "{n} 个客户", "{n} 個客戶";
        entered_early: "{n} accounts, {m} of them too early to say", "{n} 个客户，其中 {m} 个为时尚早", "{n} 個客戶，其中 {m} 個為時尚早";
        began: "Began", "开始", "開始";
        of_observed: "{stage}: {n}, {share} of those watched to the end", "{stage}：{n}，占完整观察客户的 {share}", "{stage}：{n}，占完整觀察客戶的 {share}";
        by_stage: "Accounts by group and stage", "按分组与阶段统计的客户", "按分組與階段統計的客戶";
        group: "Group", "分组", "分組";
        stage: "Stage", "阶段", "階段";
        watched: "Watched to the end", "完整观察", "完整觀察";
        too_early: "Too early to say", "为时尚早", "為時尚早";
        had_already: "{n}, {m} with the outcome already", "{n}，其中 {m} 个已有结果", "{n}，其中 {m} 個已有結果";
        bought: "Bought", "已购买", "已購買";

        how_soon: "How soon they buy", "多久之后购买", "多久之後購買";
        how_soon_sub: "Share of each group that bought, by days since it was found; of those that neither found, since they began.",
            "各组的购买占比，按被发现后的天数统计；未被发现的客户自开始时算起。",
            "各組的購買占比，按被發現後的天數統計；未被發現的客戶自開始時算起。";
        half_by: "half by day {n}", "第 {n} 天过半", "第 {n} 天過半";
        days_since: "Days", "天数", "天數";
        n_days_axis: "{n} days", "{n} 天", "{n} 天";
        worth_title: "What those who buy bring", "购买者带来什么", "購買者帶來什麼";
        worth_sub: "With 95% intervals. Worth is in the outcome's own unit.",
            "含 95% 置信区间。价值以结果自身的单位计。", "含 95% 信賴區間。價值以結果自身的單位計。";
        measure: "Measure", "指标", "指標";
        days_to: "Days to the outcome", "到达结果的天数", "到達結果的天數";
        days_to_sub: "median, of those who bought in time", "中位数，按期购买者", "中位數，按期購買者";
        worth_of_one: "Worth of one", "单个价值", "單個價值";
        worth_of_one_sub: "on average", "平均", "平均";
        worth_in_all: "Worth in all", "总价值", "總價值";
        worth_in_all_sub: "of those who tell it", "仅统计有记录者", "僅統計有記錄者";
        lift: "Against accounts alike", "与相似客户相比", "與相似客戶相比";
        lift_sub: "how many times as often they buy", "购买频率的倍数", "購買頻率的倍數";

        against: "Against each other", "相互比较", "相互比較";
        against_sub: "Points of conversion with 95% intervals; the upright line is no difference. It comes before buying; it need not cause it.",
            "转化率之差（百分点）及 95% 置信区间；竖线表示无差异。先于购买不等于导致购买。",
            "轉換率之差（百分點）及 95% 信賴區間；直線表示無差異。先於購買不等於導致購買。";
        compared: "Compared", "比较对象", "比較對象";
        less: "{one} less {other}", "{one} 减去 {other}", "{one} 減去 {other}";
        difference: "Difference", "差异", "差異";
        points: "Points", "百分点", "百分點";
        reading: "Reading", "解读", "解讀";
        more_often: "More often", "更常购买", "更常購買";
        less_often: "Less often", "更少购买", "更少購買";
        unclear: "Not clear yet", "尚不明确", "尚不明確";
        sooner: "{n} days sooner", "早 {n} 天", "早 {n} 天";
        later: "{n} days later", "晚 {n} 天", "晚 {n} 天";
        interval_label: "{value} points, 95% interval {low} to {high}", "{value} 个百分点，95% 置信区间 {low} 至 {high}", "{value} 個百分點，95% 信賴區間 {low} 至 {high}";

        stages: "Where accounts wait", "客户停留在哪里", "客戶停留在哪裡";
        stages_found: "Half of the accounts leave {stage} within {n} days", "一半的客户在 {n} 天内离开“{stage}”阶段", "一半的客戶在 {n} 天內離開「{stage}」階段";
        stages_sub: "The first time an account came to a stage counts. Time in it is a median; those who are still there count for as long as they have been.",
            "以首次进入该阶段为准。停留时间为中位数；仍在其中的客户按已停留的时间计入。",
            "以首次進入該階段為準。停留時間為中位數；仍在其中的客戶按已停留的時間計入。";
        came: "Came to it", "进入", "進入";
        further: "Went further", "继续前进", "繼續前進";
        became: "Became customer", "成为客户", "成為客戶";
        days_in: "Days in it", "停留天数", "停留天數";
        now: "There now", "目前数量", "目前數量";
        most_stay: "more than half are still there", "半数以上仍在其中", "半數以上仍在其中";

        months: "By month", "按月统计", "按月統計";
        months_began: "Accounts by the month in which they began. Shares of those watched to the end.",
            "按开始月份统计的客户。占比以完整观察的客户为准。", "按開始月份統計的客戶。占比以完整觀察的客戶為準。";
        months_found: "Accounts by the month in which they were found. Shares of those watched to the end.",
            "按被发现月份统计的客户。占比以完整观察的客户为准。", "按被發現月份統計的客戶。占比以完整觀察的客戶為準。";
        month: "Month", "月份", "月份";
        month_year: "{month} {year}", "{year}年{month}", "{year}年{month}";
        accounts: "Accounts", "客户", "客戶";

        to_know: "What to know", "须知", "須知";
        excluded: "{n} accounts are left out that the project never judges.", "未计入项目排除的 {n} 个客户。", "未計入專案排除的 {n} 個客戶。";
        visitors: "{n} visitors are left out who never signed up.", "未计入从未注册的 {n} 个访客。", "未計入從未註冊的 {n} 個訪客。";
        older: "{n} accounts are left out from before the recorded history: only those who lasted are known.",
            "未计入早于记录的 {n} 个客户：其中只有留存者为人所知。", "未計入早於記錄的 {n} 個客戶：其中只有留存者為人所知。";
        association: "This is association, not effect: those who qualify may have been about to buy anyway. Only a holdout shows what outreach causes.",
            "这是相关，不是因果：合格者可能本来就要购买。只有对照组才能说明触达的作用。",
            "這是相關，不是因果：合格者可能本來就要購買。只有對照組才能說明觸及的作用。";
        no_arrival_times: "The record has no arrival times: each fact counts as known when it happened. If facts came later, the true figures are lower.",
            "记录中没有到达时间：每条事实都视为发生时即已知。若实际到达更晚，真实数字会更低。",
            "記錄中沒有到達時間：每筆事實都視為發生時即已知。若實際到達更晚，真實數字會更低。";
        nobody_qualified: "No qualification counts yet.", "尚无任何合格记录。", "尚無任何合格記錄。";
        no_outcomes: "Nobody has an outcome. Check what the outcome is declared on.", "尚无任何结果。请检查结果的定义。", "尚無任何結果。請檢查結果的定義。";
        meaning_group: "Product and marketing: accounts whose first qualification on one of these tracks was known before they bought. Neither: no such qualification within the window after they began, nor before they bought.",
            "产品与市场：在购买之前首次在该类别被判为合格的客户。两者均未发现：开始后的期限内及购买之前均未被判为合格。",
            "產品與行銷：在購買之前首次在該類別被判為合格的客戶。兩者均未發現：開始後的期限內及購買之前均未被判為合格。";
        meaning_share: "Shares: how many had it within the window, of those watched for all of it. Who came later than that is in no share, and counted as too early to say. Intervals hold the true share in 95 of 100 samples.",
            "占比：在期限内达成的数量，除以被完整观察的数量。更晚出现者不计入占比，记为为时尚早。区间在 100 次抽样中有 95 次包含真实占比。",
            "占比：在期限內達成的數量，除以被完整觀察的數量。更晚出現者不計入占比，記為為時尚早。區間在 100 次抽樣中有 95 次包含真實占比。";
        meaning_alike: "Accounts alike: at the moment an account was found, all others of the same age that had neither bought nor been found.",
            "相似客户：某客户被发现时，同样时长、既未购买也未被发现的所有其他客户。",
            "相似客戶：某客戶被發現時，同樣時長、既未購買也未被發現的所有其他客戶。";
        meanings: "What the figures mean", "各项数字的含义", "各項數字的含義";

        backtests_lede: "Each definition held against what happened: of those it found, how many had the outcome within the window after that was known.",
            "将每个定义与实际结果对照：被其发现的客户中，有多少在得知后的期限内达成结果。",
            "將每個定義與實際結果對照：被其發現的客戶中，有多少在得知後的期限內達成結果。";
        backtests_best: "{definition} finds buyers {n} times as well as chance", "“{definition}”发现购买者的能力是随机的 {n} 倍", "「{definition}」發現購買者的能力是隨機的 {n} 倍";
        backtests_all: "All definitions", "所有定义", "所有定義";
        backtests_sub: "Lift compares with the unqualified of the same time and age. The bar is precision with its 95% interval.",
            "提升度与同一时间、同样时长的未合格者相比。横条为精确率及其 95% 置信区间。",
            "提升度與同一時間、同樣時長的未合格者相比。橫條為精確率及其 95% 信賴區間。";
        backtests_empty: "No definition can be held against an outcome", "没有可与结果对照的定义", "沒有可與結果對照的定義";
        backtests_empty_help: "It takes a definition with a track, and an outcome: docs/configuration.md, outcomes.",
            "需要一个有类别的定义和一个结果：docs/configuration.md，outcomes。", "需要一個有類別的定義和一個結果：docs/configuration.md，outcomes。";
        outcome_within: "{outcome} within {n} days", "{n} 天内 {outcome}", "{n} 天內 {outcome}";
        qualified: "Qualified", "合格", "合格";
        precision: "Precision", "精确率", "精確率";
        recall: "Recall", "召回率", "召回率";
        lift_word: "Lift", "提升度", "提升度";
        lead_time: "Lead time", "提前时间", "提前時間";
        lead_days: "{n} d", "{n} 天", "{n} 天";
        figures: "Figures", "数字", "數字";
        figure: "Figure", "指标", "指標";
        side_all: "All", "全部", "全部";
        side_before: "Before {date}", "{date}之前", "{date}之前";
        side_after: "From {date}", "{date}起", "{date}起";
        weeks: "Week by week", "按周统计", "按週統計";
        weeks_sub: "Who began in the week: how many qualified since, and how many of them had the outcome in time.",
            "当周开始者：其后合格的数量，以及其中按期达成结果的数量。", "當週開始者：其後合格的數量，以及其中按期達成結果的數量。";
        weeks_label: "Qualified and hits by the week in which they began, {from} to {to}", "按开始周统计的合格与命中，{from}至{to}", "按開始週統計的合格與命中，{from}至{to}";
        week: "Week", "周", "週";
        started: "Began", "开始", "開始";
        hits: "Hits", "命中", "命中";
        one_title: "{share} of those it finds buy in time", "被发现者中有 {share} 按期购买", "被發現者中有 {share} 按期購買";
        to_definition: "To the definition", "查看定义", "檢視定義";
        side_known: "A definition that is better only before the date was made for it.", "若仅在分界日期之前更好，则说明它只是迎合了旧数据。", "若僅在分界日期之前更好，則說明它只是迎合了舊資料。";

        effects_lede: "Accounts that chance left alone, against those that were told; by assignment, whatever was sent. Nothing else shows what outreach causes.",
            "随机保留不触达的客户与被触达的客户之比较；按分配统计，与实际发送无关。除此之外无法说明触达的作用。",
            "隨機保留不觸及的客戶與被觸及的客戶之比較；按分配統計，與實際傳送無關。除此之外無法說明觸及的作用。";
        effect_works: "Outreach brings {n} points more buyers on the {track} track", "在{track}类别，触达使购买者增加 {n} 个百分点", "在{track}類別，觸及使購買者增加 {n} 個百分點";
        effect_harms: "Outreach costs {n} points of buyers on the {track} track", "在{track}类别，触达使购买者减少 {n} 个百分点", "在{track}類別，觸及使購買者減少 {n} 個百分點";
        effect_unclear: "Whether outreach causes more to buy is not clear yet", "触达是否使更多客户购买，尚不明确", "觸及是否使更多客戶購買，尚不明確";
        effect_sub: "Points of conversion with 95% intervals; the upright line is no effect.",
            "转化率之差（百分点）及 95% 置信区间；竖线表示无作用。", "轉換率之差（百分點）及 95% 信賴區間；直線表示無作用。";
        effects_empty: "Nobody was assigned yet", "尚未进行任何分配", "尚未進行任何分配";
        effects_empty_help: "A play with a holdout leaves a share of the accounts alone: docs/plays.md, holdout. Comparison begins with its first lead.",
            "设置了对照组的方案会保留一部分客户不触达：docs/plays.md，holdout。首个线索出现后即开始比较。",
            "設定了對照組的方案會保留一部分客戶不觸及：docs/plays.md，holdout。首個潛在客戶出現後即開始比較。";
        play: "Play", "方案", "方案";
        all_plays: "All plays of the track", "该类别的所有方案", "該類別的所有方案";
        told: "Told", "已触达", "已觸及";
        held_out: "Held out", "对照", "對照";
        effect: "Effect", "作用", "作用";
        works: "Works", "有效", "有效";
        harms: "Does harm", "有害", "有害";
        nobody_there: "Nobody to compare with yet", "尚无可比较的客户", "尚無可比較的客戶";
        more_needed: "about {n} more needed", "约还需 {n} 个", "約還需 {n} 個";
        assigned_of: "{n} told, {m} held out", "触达 {n}，对照 {m}", "觸及 {n}，對照 {m}";
        share_changed: "The share held out was changed in between: earlier and later accounts are not mixed alike in both arms.",
            "对照比例曾被更改：前后的客户在两组中的构成并不相同。", "對照比例曾被更改：前後的客戶在兩組中的構成並不相同。";
        meaning_itt: "Told and held out: what chance assigned, whatever was sent afterwards. Who could not be reached counts as told, so that nothing but chance parts the two.",
            "触达与对照：以随机分配为准，与之后实际发送无关。无法触达者仍计为触达，因此两组之间只有随机之别。",
            "觸及與對照：以隨機分配為準，與之後實際傳送無關。無法觸及者仍計為觸及，因此兩組之間只有隨機之別。";
        meaning_effect: "Effect: of those told, the share that had an outcome after the assignment and within the window, less that of those held out.",
            "作用：被触达者中在分配之后的期限内达成结果的占比，减去对照者的占比。", "作用：被觸及者中在分配之後的期限內達成結果的占比，減去對照者的占比。";
        meaning_needed: "More needed: how many accounts more, parted as they are now, until a difference as large as the one seen is found with a chance of 80%.",
            "还需数量：按目前的分配比例，再需要多少客户，才有 80% 的机会确认目前所见的差异。",
            "還需數量：按目前的分配比例，再需要多少客戶，才有 80% 的機會確認目前所見的差異。";
    }
}
