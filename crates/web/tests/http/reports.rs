//! Reports over the API.

use crate::{Server, told};

#[tokio::test]
async fn a_report_tells_what_was_asked_and_up_to_when_facts_count() {
    let server = Server::start().await;
    let path = "/api/v1/reports/lifecycle?from=2026-01-01&by=found&outcome=paid&within_days=90";
    let report = server.get(path).await.json();
    assert_eq!(
        report["asked"],
        serde_json::json!({
            "from": "2026-01-01",
            "to": null,
            "by": "found",
            "segment": null,
            "outcome": "paid",
            "within_days": 90
        })
    );
    assert_eq!(report["observed"]["last_at"], "2026-03-08T09:00:00Z");
    assert_eq!(report["groups"][0]["converted"]["of"], 1_124);
    let usual = server.get("/api/v1/reports/lifecycle").await.json();
    assert_eq!(usual["asked"]["within_days"], 60, "what nobody asked for is told");
}

#[tokio::test]
async fn wrong_questions_name_the_parameter() {
    let server = Server::start().await;
    for (query, status, parameter) in [
        ("lifecycle?from=1.1.2026", 400, "from"),
        ("lifecycle?from=2026-02-01&to=2026-01-01", 400, "to"),
        ("lifecycle?by=luck", 400, "by"),
        ("lifecycle?within_days=0", 400, "within_days"),
        ("lifecycle?segment=giants", 422, "segment"),
        ("lifecycle.csv?outcome=fame", 422, "outcome"),
        ("backtests?outcome=fame", 422, "outcome"),
        ("backtests/outgrowing-free?split=soon", 400, "split"),
        ("holdouts?within_days=ten", 400, "within_days"),
    ] {
        let reply = server.get(&format!("/api/v1/reports/{query}")).await;
        let (told_status, _, told_parameter) = told(&reply);
        assert_eq!((told_status, told_parameter.as_deref()), (status, Some(parameter)), "{query}");
    }
}

#[tokio::test]
async fn every_report_is_a_table_too() {
    let server = Server::start().await;
    for (name, head) in [
        ("lifecycle", "part,name,figure,count,of,value,low,high"),
        ("backtests", "definition,side,figure"),
        ("holdouts", "track,play,figure"),
    ] {
        let reply = server.get(&format!("/api/v1/reports/{name}.csv")).await;
        assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
        let file = format!("attachment; filename=\"{name}.csv\"");
        assert_eq!(reply.header("content-disposition"), file);
        assert_eq!(reply.text().lines().next(), Some(head));
    }
}

#[tokio::test]
async fn a_backtest_has_both_sides_of_a_split_where_one_is_asked_for() {
    let server = Server::start().await;
    let path = "/api/v1/reports/backtests/outgrowing-free";
    assert_eq!(server.get(path).await.json()["sides"].as_array().map(Vec::len), Some(1));
    let split = server.get(&format!("{path}?split=2026-01-15")).await.json();
    let sides = split["sides"].as_array().unwrap().iter().map(|it| it["side"].as_str());
    assert_eq!(sides.collect::<Vec<_>>(), [Some("all"), Some("before"), Some("after")]);
    assert_eq!(server.get("/api/v1/reports/backtests/nobody").await.status, 404);
}

#[tokio::test]
async fn how_definitions_fare_is_told_of_all_and_of_each() {
    let server = Server::start().await;
    let all = server.get("/api/v1/reports/health").await.json();
    let one = server.get("/api/v1/definitions/outgrowing-free/health").await.json();
    assert_eq!(all["items"][0], one);
    assert_eq!(one["volume"]["reading"], "fewer");
    assert_eq!(one["precision"]["since"]["of"], 40);
    assert_eq!(server.get("/api/v1/definitions/nobody/health").await.status, 404);
}
