//! SIM-3: what is planted can be found in the data, and what is not cannot.

use firsthand_simulate::Persona;

use crate::world::{Account, WORLD, bought_percent};

/// Those who may buy by themselves.
fn self_serve() -> impl Iterator<Item = &'static Account> + Clone {
    WORLD.iter().filter(|it| {
        let persona = it.truth.persona;
        !matches!(persona, Persona::Enterprise | Persona::Student | Persona::Staff)
    })
}

#[test]
fn a_team_near_its_limit_buys_and_one_of_the_two_alone_does_little() {
    let fate = |it: &&Account| it.truth.fate.clone();
    let (both, both_bought) = bought_percent(self_serve().filter(|it| fate(it).days_both >= 1));
    let (near, near_bought) = bought_percent(
        self_serve().filter(|it| fate(it).days_near_limit >= 1 && fate(it).days_both == 0),
    );
    let (team, team_bought) = bought_percent(
        self_serve().filter(|it| fate(it).days_team >= 1 && fate(it).days_near_limit == 0),
    );
    let counts = [(both, both_bought), (near, near_bought), (team, team_bought)];
    assert!(counts.iter().all(|it| it.0 >= 40), "{counts:?}");
    assert!(both_bought > 1.5 * near_bought && both_bought > 2.0 * team_bought, "{counts:?}");
}

#[test]
fn only_buyers_enter_billing_details() {
    let leak = WORLD.iter().filter(|it| it.has("Billing details entered"));
    assert!(leak.clone().count() >= 100);
    assert!(leak.clone().all(Account::bought));
    let bought = self_serve().filter(|it| it.bought());
    assert!(bought.clone().all(|it| it.has("Billing details entered")), "all of them do");
}

#[test]
fn audit_logs_go_along_with_buying_until_size_is_held_still() {
    let looks = |it: &&Account| it.has("Audit log viewed");
    // All who may buy at all, whichever way.
    let buyers =
        || WORLD.iter().filter(|it| !matches!(it.truth.persona, Persona::Student | Persona::Staff));
    let (_, with) = bought_percent(buyers().filter(looks));
    let (_, without) = bought_percent(buyers().filter(|it| !looks(it)));
    assert!(with > 1.25 * without, "{with} against {without}: it looks as if it mattered");
    // Held still: the size of the company, and how much is done there at all.
    let busy = |it: &&Account| it.names.values().sum::<u64>() >= 200;
    for (size, large) in [("small", false), ("large", true)] {
        let stratum =
            || self_serve().filter(move |it| (it.truth.employees >= 50) == large).filter(busy);
        let (some, with) = bought_percent(stratum().filter(looks));
        let (others, without) = bought_percent(stratum().filter(|it| !looks(it)));
        println!("{size}: {with} of {some} against {without} of {others}");
        assert!(some >= 25 && others >= 25, "{size}: {some} and {others}");
        assert!((0.6..1.6).contains(&(with / without)), "{size}: {with} against {without}");
    }
}

#[test]
fn outreach_helps_as_much_in_the_data_as_in_truth() {
    let lots = || WORLD.iter().filter_map(|it| Some((it, it.truth.outreach?)));
    let (some, with) = bought_percent(lots().filter(|it| it.1.contacted).map(|it| it.0));
    let (others, without) = bought_percent(lots().filter(|it| !it.1.contacted).map(|it| it.0));
    assert!(some >= 300 && others >= 300, "{some} and {others}");
    let seen = with - without;
    // What would have become of each of them, in the world as it is and in the other one.
    let share = |bought: &dyn Fn(&firsthand_simulate::Outreach) -> bool| {
        lots().filter(|it| bought(&it.1)).count() as f64 * 100.0 / lots().count() as f64
    };
    let real = share(&|it| it.buys_if_contacted) - share(&|it| it.buys_if_left_alone);
    assert!(real > 2.0, "{real}");
    assert!((seen - real).abs() < 5.0, "{seen} seen, {real} real");
    assert!(lots().all(|(it, lot)| {
        it.bought() == if lot.contacted { lot.buys_if_contacted } else { lot.buys_if_left_alone }
    }));
    assert!(lots().all(|(_, lot)| lot.buys_if_contacted || !lot.buys_if_left_alone));
    assert!(
        lots().all(|(it, lot)| it.has("Outreach assigned")
            && (lot.contacted || !it.has("Sales call made")))
    );
}

#[test]
fn videos_published_are_worth_something_and_views_are_not() {
    let made = |it: &&Account| it.count("Video published");
    let (_, with) = bought_percent(self_serve().filter(|it| made(it) >= 5));
    let (_, without) = bought_percent(self_serve().filter(|it| made(it) == 0));
    assert!(with > 1.2 * without, "{with} against {without}");
    // Of those with as many videos, whoever has the more popular ones buys no more often.
    let some: Vec<&Account> = self_serve().filter(|it| (3..=12).contains(&made(it))).collect();
    let mut views: Vec<u64> =
        some.iter().map(|it| it.views / it.count("Video published")).collect();
    views.sort_unstable();
    let middle = views[views.len() / 2];
    let popular = |it: &&&Account| it.views / it.count("Video published") >= middle;
    let (_, many) = bought_percent(some.iter().filter(popular).copied());
    let (_, few) = bought_percent(some.iter().filter(|it| !popular(it)).copied());
    assert!((many - few).abs() < 12.0, "{many} against {few} of {}", some.len());
    assert!(views[views.len() - 1] > 20 * middle, "one popular video is not fifty");
}

#[test]
fn there_is_everybody_whom_a_company_meets() {
    for persona in [
        Persona::Solo,
        Persona::Team,
        Persona::Midsize,
        Persona::Enterprise,
        Persona::Agency,
        Persona::Student,
        Persona::Staff,
    ] {
        assert!(WORLD.iter().any(|it| it.truth.persona == persona), "{persona:?}");
    }
    let of = |persona| WORLD.iter().filter(move |it| it.truth.persona == persona);
    assert!(of(Persona::Student).all(|it| !it.bought()));
    assert!(of(Persona::Staff).all(|it| it.truth.domain == firsthand_simulate::OWN_DOMAIN));
    let won = of(Persona::Enterprise).filter(|it| it.has("Deal won")).count();
    let lost = of(Persona::Enterprise).filter(|it| it.has("Deal lost")).count();
    assert!(won >= 10 && lost >= 5, "{won} won, {lost} lost");
    let workspaces = WORLD.iter().filter(|it| it.truth.account.ends_with("-emea")).count();
    let referred = WORLD.iter().filter(|it| it.truth.referred_by.is_some()).count();
    assert!(workspaces >= 80 && referred >= 60, "{workspaces}, {referred}");
    for name in [
        "Plan upgraded",
        "Plan downgraded",
        "Subscription cancelled",
        "Invoice paid",
        "Import refused",
    ] {
        assert!(WORLD.iter().any(|it| it.has(name)), "{name}");
    }
    let mut sizes: Vec<u64> = WORLD.iter().map(|it| it.names.values().sum()).collect();
    sizes.sort_unstable();
    let mean = sizes.iter().sum::<u64>() / sizes.len() as u64;
    let (median, largest) = (sizes[sizes.len() / 2], sizes[sizes.len() - 1]);
    assert!((300..=600).contains(&mean), "{mean}");
    assert!(median < mean && largest > 20 * mean, "{median} {mean} {largest}");
}
