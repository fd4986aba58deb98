"""The definitions of project/definitions, in the same order, written down a second time as timelines in SQL.

Each function yields (name, query); a query gives (subject, entered, left). What a form of the language means is said in
algebra.py; here stands only how each definition is made of them.
"""

from windows import DAY, HOUR, LAST_BUT_ONE_WEEK, LAST_MONTH, WEEK, last, last_full, last_periods, this

CORE = "name IN ('campaign sent', 'report exported', 'integration connected')"
EXPORTS = "name = 'report exported'"
CAMPAIGNS = "name = 'campaign sent'"
LINKS = "name = 'integration connected'"
IMPORTS = "name = 'contact list imported'"
REMOVALS = "name = 'contacts removed'"
PAID = ("starter", "pro")
PLANS = {
    "free": {"contacts": 10_000, "exports": 20, "recipients": 20_000},
    "trial": {"contacts": 25_000, "exports": 40, "recipients": 50_000},
    "starter": {"contacts": 25_000, "exports": 40, "recipients": 100_000},
    "pro": {"contacts": 250_000, "exports": 10**15, "recipients": 10**15},
}
# The limit of contacts on the free plan from 2026-03-01 on.
CUT_AT, CUT_TO = "epoch_us(TIMESTAMPTZ '2026-03-01')", 8_000
TRIAL = 14 * DAY


def all_definitions(facts):
    for part in (counting, moments, limits, times, logic, each, points, persons):
        for name, when, *how in part(facts.algebra, facts):
            yield name, facts.algebra.entries(when, **(how[0] if how else {}))


def counting(algebra, facts):
    of = facts.of_accounts
    exports, campaigns = of(EXPORTS), of(CAMPAIGNS)
    recipients = "p_recipients"
    yield "five-exports-a-week", algebra.count(exports, last(WEEK)) >= 5
    yield "three-pdfs", algebra.count(exports.where("p_format = 'pdf'"), last(14 * DAY)) >= 3
    yield "three-at-work", algebra.people(of(CORE), last(WEEK)) >= 3
    yield "eight-days", algebra.days(of("product"), last(14 * DAY)) >= 8
    yield "eight-dates", algebra.days(of("product"), last_periods(14, "day")) >= 8
    yield "two-titles", algebra.distinct("p_title", of("marketing"), last(30 * DAY)) >= 2
    by_day = "p_format || period_start('day', t)"
    yield "formats-by-day", algebra.distinct(by_day, exports, last(WEEK)) >= 4
    yield "large-reach", algebra.sum(recipients, campaigns, last(30 * DAY)) >= 20_000
    yield "small-campaigns", algebra.average_below(recipients, campaigns, last(14 * DAY), 500)
    yield "one-large-campaign", algebra.greatest(recipients, campaigns, last(30 * DAY), 5_000)
    yield "fifty-core", algebra.count(of(CORE)) >= 50
    yield "last-import-large", algebra.latest("p_contacts", of(IMPORTS)) >= 1_000
    plan = facts.trait("plan")
    yield "exports-on-free", algebra.count(exports.at_which(plan.is_one_of("free")), last(30 * DAY)) >= 4
    local = "make_timestamptz(t)"
    free_time = of(f"product AND (isodow({local}) IN (6, 7) OR hour({local}) >= 18)")
    yield "late-or-weekend", algebra.count(free_time, last(30 * DAY)) >= 5
    invites, links = of("name = 'teammate invited'"), of(LINKS)
    added = algebra.combine(
        "a.v + 2 * b.v", a=algebra.count(invites, last(30 * DAY)), b=algebra.count(links, last(30 * DAY))
    )
    yield "invites-and-links", added >= 4
    core = of(CORE)
    yield "three-kinds-of-work", algebra.distinct("name", core, last(14 * DAY)) >= 3
    yield "exports-in-a-month", algebra.count(exports, LAST_MONTH) >= 8
    yield "no-small-campaign", algebra.least_at_least(recipients, campaigns, last(14 * DAY), 300)
    members, active = members_of(algebra), algebra.people(of("product"), last(WEEK))
    half = share(algebra, active, members, "a.v * 100 >= b.v * 50")
    yield "half-the-members", half & (members >= 2)
    recent, free = algebra.count(core, last(30 * DAY)), plan.is_one_of("free")
    needed = "CASE b.truth WHEN 2 THEN a.v >= 10 WHEN 0 THEN a.v >= 25 END"
    yield "by-plan", algebra.combine(f"({needed})::INTEGER", a=recent, b=free) >= 1


def members_of(algebra):
    return algebra.running("accounts", "SELECT parent AS subject, born AS s, NULL::BIGINT AS e, 1 AS n FROM members")


def start(algebra, facts):
    """The first sign-up once there is one, else the first product event."""
    ways = {
        "a": algebra.nth(1, facts.of_accounts("name = 'signed up' OR marketing")),
        "b": algebra.nth(1, facts.of_accounts("product")),
    }
    return algebra.combine("coalesce(a.v, b.v)", **ways)


def moments(algebra, facts):
    of = facts.of_accounts
    exports, core, imports = of(EXPORTS), of(CORE), of(IMPORTS)
    began = start(algebra, facts)
    yield "silent", algebra.latest("t", of("product")).passed(WEEK)
    yield "new-exporter", ~algebra.nth(1, exports).passed(WEEK)
    yield "third-campaign", ~algebra.nth(3, of(CAMPAIGNS)).passed(3 * DAY + 1)
    yield "quick-start", algebra.count_at(exports, began, 0, 10 * DAY) >= 3
    yield "no-link-in-time", algebra.count_at(of(LINKS), began, 0, WEEK) < 1
    signed_up = algebra.count(of("name = 'signed up'")) >= 1
    yield "slow-start", (algebra.count_at(core, began, 0, 14 * DAY) < 5) & signed_up
    yield "send-after-import", algebra.sequence([imports, of(CAMPAIGNS)], 2 * HOUR, 30 * DAY)
    yield "import-send-export", algebra.sequence([imports, of(CAMPAIGNS), exports], 2 * DAY)
    yield "export-before-campaign", algebra.count_before(exports, algebra.nth(1, of(CAMPAIGNS))) >= 1
    yield "second-week-export", algebra.count_at(exports, began, WEEK, 2 * WEEK) >= 1
    yield "exports-since-import", algebra.count_at(exports, algebra.latest("t", imports), 1, None) >= 5
    yield "stopped-exporting", (algebra.count(exports) >= 1) & (algebra.count(exports, last(21 * DAY)) < 1)
    newest = algebra.combine("coalesce(a.v, b.v)", a=algebra.latest("t", exports), b=began)
    yield "long-without", newest.passed(21 * DAY)
    newest = algebra.latest("t", of("product"))
    # t - last >= (t - start) / 2
    yield "half-its-life-silent", algebra.combine("2 * a.v - b.v", a=newest, b=began).passed()
    just_after = algebra.combine("a.v + 1", a=algebra.nth(1, of(LINKS)))
    yield "exports-when-linked", algebra.count_before(exports, just_after) >= 3


def limit(algebra, facts, meter):
    """The limit of the plan in force; more than anything where it is unlimited."""
    amounts = " ".join(f"WHEN lower(a.v) = '{plan}' THEN {limits[meter]}" for plan, limits in PLANS.items())
    since = algebra.values("accounts", f"SELECT subject, born, {CUT_AT}, false FROM accounts").passed()
    cut = f"WHEN lower(a.v) = 'free' AND b.truth = 2 THEN {CUT_TO}" if meter == "contacts" else ""
    return algebra.combine(f"CASE {cut} {amounts} END", a=facts.trait("plan"), b=since)


def contacts(algebra, facts):
    return algebra.combine(
        "a.v - b.v",
        a=algebra.sum("p_contacts", facts.of_accounts(IMPORTS)),
        b=algebra.sum("p_contacts", facts.of_accounts(REMOVALS)),
    )


def share(algebra, used, allowed, condition):
    return algebra.combine(f"({condition})::INTEGER", a=used, b=allowed) >= 1


def limits(algebra, facts):
    of = facts.of_accounts
    used, allowed = contacts(algebra, facts), limit(algebra, facts, "contacts")
    plan = facts.trait("plan")
    near = share(algebra, used, allowed, "a.v * 100 >= b.v * 80")
    stay = share(algebra, used, allowed, "a.v * 100 >= b.v * 70")
    yield "near-limit", near, {"stay": stay, "unless": plan.is_one_of(*PAID), "grace": 2 * DAY}
    at_work = algebra.people(of(CORE), last(WEEK)) >= 3
    exports = algebra.count(of(EXPORTS), last(14 * DAY)) >= 5
    yield "near-limit-at-work", algebra.at_least(3, near, at_work, exports)
    yield "little-left", share(algebra, used, allowed, "b.v - a.v <= 1000 AND b.v - a.v > 0")
    gained = algebra.combine("a.v - coalesce(b.v, 0)", a=used, b=used.ago(14 * DAY))
    # left / (gained / 14d) <= 30d; without a gain it is never reached
    soon = "b.v <= a.v OR (c.v > 0 AND (b.v - a.v) * 14 <= 30 * c.v)"
    yield "soon-full", algebra.combine(f"({soon})::INTEGER", a=used, b=allowed, c=gained) >= 1
    monthly = algebra.count(of(EXPORTS), this("month"))
    yield "month-of-exports", share(algebra, monthly, limit(algebra, facts, "exports"), "a.v * 100 >= b.v * 60")
    weekly = algebra.sum("p_recipients", of(CAMPAIGNS), this("week"))
    over_half = share(algebra, weekly, limit(algebra, facts, "recipients"), "a.v * 100 > b.v * 50")
    yield "week-of-recipients", over_half, {"holds_for": 6 * HOUR}
    yield "all-kinds", algebra.distinct("p_kind", of(LINKS)) >= 2
    largest = of(CAMPAIGNS).where("p_recipients >= 4000")
    yield "largest-campaign", algebra.count(largest) >= 1
    on_trial = plan.is_one_of("trial")
    began = algebra.values(
        "accounts", f"SELECT subject, t, CASE WHEN truth = 2 THEN t END, false FROM {on_trial.table}"
    )
    ends_soon = began.passed(TRIAL - 3 * DAY) & ~began.passed(TRIAL)
    yield "trial-ends", ends_soon & (algebra.count(of(CORE)) >= 10)
    yield "trial-over", began.passed(TRIAL) & (algebra.days(of("product"), last(WEEK)) >= 2)
    yield "old-trial", began.passed(WEEK) & (algebra.count(of(LINKS)) < 1)


def times(algebra, facts):
    of = facts.of_accounts
    core, product, exports = of(CORE), of("product"), of(EXPORTS)
    yield "busy-month", algebra.count(core, this("month")) >= 15
    yield "busy-last-week", algebra.count(core, last_full("week")) >= 8
    yield "busy-two-months", algebra.people(product, last_full("month", 2)) >= 4
    yield "busy-today", algebra.count(product, this("day")) >= 12
    began = start(algebra, facts)
    week = algebra.count(core, last(WEEK))
    long_enough = began.passed(2 * WEEK).unless_true_unknown()
    grown = algebra.combine("CASE WHEN b.v > 0 THEN (a.v >= 2 * b.v)::INTEGER END", a=week, b=week.ago(WEEK)) >= 1
    yield "growing", grown & long_enough
    # The first whole week of the subject has begun by then, and two are over.
    two_weeks = algebra.combine("periods_on('week', a.v - 1, 3)", a=began).passed().unless_true_unknown()
    weeks = {"a": algebra.count(product, last_full("week")), "b": algebra.count(product, LAST_BUT_ONE_WEEK)}
    shrunk = algebra.combine("CASE WHEN b.v > 0 THEN (2 * a.v <= b.v)::INTEGER END", **weeks) >= 1
    yield "shrinking", shrunk & two_weeks
    yield "more-than-before", algebra.combine("(a.v >= b.v + 5)::INTEGER", a=week, b=week.ago(WEEK)) >= 1
    yield "three-weeks-running", algebra.streak("week", core, "count(*) >= 3", began, 3)
    three_days = "count(DISTINCT period_start('day', t)) >= 3"
    yield "three-of-four-weeks", algebra.periods("week", product, three_days, began, 4) >= 3
    yield "steadily-at-work", (algebra.people(core, last(WEEK)) >= 2).held(WEEK)
    exported = algebra.count(exports, last(WEEK))
    yield "was-busy", (exported >= 8).was(30 * DAY) & (exported < 4)
    at_work = algebra.people(core, last(WEEK)) >= 2
    yield "weekly-while-at-work", algebra.count(at_work.every(WEEK, facts.until)) >= 3
    counted = algebra.weeks_counted(began, 4, facts.until)
    with_core = algebra.periods("week", core, "count(*) > 0", began, 4)
    yield "quiet-weeks", algebra.combine("a.v - b.v", a=counted, b=with_core) >= 3
    whole = algebra.periods("week", exports, "true", began, 4, "count(*)")
    mean = algebra.combine("CASE WHEN b.v > 0 THEN (a.v >= 2 * b.v)::INTEGER END", a=whole, b=counted)
    yield "exports-a-week", mean >= 1
    busy_days = algebra.good_periods("day", product, "count(*) >= 5", began)
    spans = f"""SELECT subject, greatest(periods_on('week', p, 1), since) AS s,
                       least(periods_on('week', p, 2), until) AS e, 1 AS n FROM ({busy_days}) WHERE s < e"""
    yield "busy-days", algebra.running("accounts", spans) >= 2
    ever = algebra.count(product)
    by_half = "CASE WHEN b.v > 0 THEN (2 * a.v >= 3 * b.v)::INTEGER END"
    more = algebra.combine(by_half, a=ever, b=ever.ago(30 * DAY)) >= 1
    yield "half-as-much-again", more & began.passed(30 * DAY).unless_true_unknown()
    once = algebra.count((algebra.people(core, last(DAY)) >= 3).turns()) >= 1
    yield "once-three-at-once", once & (algebra.count(core, last(14 * DAY)) < 5)
    yield "turned-busy-often", algebra.count((exported >= 5).turns(), last(60 * DAY)) >= 2


def logic(algebra, facts):
    of = facts.of_accounts
    core, product = of(CORE), of("product")
    employees = algebra.combine("TRY_CAST(a.v AS DECIMAL(30, 6))", a=facts.trait("employees"))
    plan = facts.trait("plan")
    paid = plan.is_one_of(*PAID)
    yield "not-large-or-quiet", ~((employees >= 50) | (algebra.count(core, last(WEEK)) >= 3))
    active = (employees >= 20) & (algebra.count(product, last(WEEK)) >= 5)
    yield "larger-and-active", active, {"unless": paid}
    linked = (algebra.count(of(LINKS)) >= 1) & ~plan.is_one_of("free")
    yield "two-of-three", algebra.at_least(2, employees >= 50, algebra.people(product, last(WEEK)) >= 3, linked)
    industry = facts.trait("industry").is_one_of("retail", "finance")
    yield "some-industries", industry & (algebra.count(core, last(14 * DAY)) >= 1)
    stay = algebra.count(core, last(3 * DAY)) >= 1
    team = algebra.people(core, last(WEEK)) >= 2
    yield "settled-team", team, {"stay": stay, "holds_for": DAY, "grace": 12 * HOUR}
    exporting = algebra.count(of(EXPORTS), last(DAY)) >= 2
    yield "shut-out-by-export", algebra.count(product, last(3 * DAY)) >= 6, {"unless": exporting, "grace": DAY}
    reading = algebra.count(of("marketing"), last(60 * DAY)) >= 2
    yield "in-our-markets", in_markets(algebra, facts) & (algebra.count(core, last(30 * DAY)) >= 1)
    yield "reader-of-one", active.certain() & ~paid.certain() & reading


def in_markets(algebra, facts):
    """A list whose values have dates: from when, up to when."""
    dated = {"us": None, "de": ("2026-01-01", 2), "gb": ("2026-03-01", 0)}
    found = []
    for country, when in dated.items():
        here = facts.trait("country").is_one_of(country)
        if when:
            instant = f"epoch_us(TIMESTAMPTZ '{when[0]}')"
            over = algebra.values("accounts", f"SELECT subject, born, {instant}, false FROM accounts").passed()
            here = here & (over if when[1] else ~over)
        found.append(here)
    return algebra.at_least(1, *found)


def each(algebra, facts):
    by_format = facts.by_key("p_format", EXPORTS)
    often = algebra.count(by_format, last(WEEK)) >= 6
    yield "one-format-often", algebra.number_of(often, "accounts") >= 1
    twice = algebra.count(by_format, last(14 * DAY)) >= 2
    yield "two-formats", algebra.number_of(twice, "accounts") >= 2
    power = algebra.count(facts.of_members(EXPORTS), last(30 * DAY)) >= 4
    yield "power-users", algebra.number_of(power, "accounts") >= 2
    best = algebra.count(facts.of_members(CORE), last(WEEK)) >= 8
    yield "best-member", algebra.number_of(best, "accounts") >= 1
    members = members_of(algebra)
    recent = algebra.number_of(algebra.count(facts.of_members(CORE), last(30 * DAY)) >= 1, "accounts")
    yield "everybody-at-work", share(algebra, recent, members, "a.v >= b.v AND b.v >= 2")
    acts = algebra.count(facts.of_accounts(f"{CORE} AND person <> ''"), last(30 * DAY))
    mean = algebra.combine("CASE WHEN b.v > 0 THEN (a.v >= 5 * b.v)::INTEGER END", a=acts, b=members)
    yield "core-by-member", mean >= 1
    steady = algebra.days(facts.of_members(EXPORTS), last(14 * DAY)) >= 3
    yield "steady-team", algebra.number_of(steady, "accounts") >= 2
    family = facts.families()
    paying = facts.by_family(facts.trait("plan").is_one_of("pro").points(1), family)
    yield "paying-sibling", paying >= 1
    busy = facts.by_family(algebra.count(facts.of_accounts(CORE), last(30 * DAY)), family)
    yield "busy-family", busy >= 40
    recent, seen = algebra.count(facts.of_accounts(CORE), last(30 * DAY)), algebra.count(facts.of_accounts(CORE)) >= 1
    yield "top-fifth", algebra.percentile(recent, seen, facts.until) >= 80


def points(algebra, facts):
    of = facts.of_accounts
    core = of(CORE)
    twice_a_day = of(EXPORTS).first_of("period_start('day', t)", 2)
    at_work = algebra.people(core, last(WEEK))
    parts = {
        "exports": algebra.sum("3", twice_a_day),
        "campaigns": algebra.sum("2", of(CAMPAIGNS)),
        "link": algebra.sum("10", of(LINKS).first_of("1", 1)),
        "trial": facts.trait("plan").is_one_of("trial").points(5),
        "people": at_work,
        "removals": algebra.sum("-4", of(REMOVALS)),
    }
    total = "least(exports.v + campaigns.v, 40) + link.v + trial.v + 2 * people.v + removals.v"
    yield "points-of-use", algebra.combine(f"least({total}, 60)", **parts) >= 45
    yield "fresh-interest", algebra.fading(of("marketing"), 30) >= 40
    on_free = of(EXPORTS).at_which(facts.trait("plan").is_one_of("free"))
    yield "halved", algebra.halving(on_free.first_of("period_start('week', t)", 3), 12, 7, 400) >= 20
    resets = f"(SELECT min(r.t) FROM ({of(REMOVALS).query}) AS r WHERE r.subject = it.subject AND r.t > it.t)"
    earned = f"""SELECT subject, t AS s, {resets} AS e, 2 AS n FROM ({core.query}) AS it
                 UNION ALL
                 SELECT subject, t, {resets}, 5 FROM ({of(EXPORTS).first_of("p_format", 1).query}) AS it"""
    yield "worked-since-tidying", algebra.running("accounts", earned) >= 30
    days = algebra.days(core, last(14 * DAY))
    first = algebra.kept((days >= 6).certain(), ~((days >= 6) | (days >= 4)).certain())
    second = algebra.kept((days >= 3).certain() | first, ~((days >= 3) | (days >= 2) | first).certain())
    yield "in-rhythm", first
    yield "some-rhythm", first | second
    people = algebra.people(core, last(14 * DAY))
    top = (people >= 3) & (algebra.count(of(LINKS)) >= 1)
    yield "well-adopted", top | (people >= 2)
    yield "middling", ~top & (people >= 2)


def persons(algebra, facts):
    of = facts.of_persons
    exports = of(EXPORTS)
    yield "steady-exporter", algebra.days(exports, last(14 * DAY)) >= 3
    quiet = algebra.latest("t", of("product")).passed(14 * DAY)
    yield "gone-quiet", quiet & (algebra.count(of(CORE)) >= 5)
    together = algebra.people(facts.of_accounts(EXPORTS), last(WEEK)) >= 2
    yield "exporter-in-a-team", (algebra.count(exports, last(WEEK)) >= 1) & facts.of_their_account(together)
    admin = facts.role().is_one_of("admin")
    yield "admin-at-work", admin & (algebra.count(of(CORE), last(WEEK)) >= 1)
    curious = algebra.count(of("marketing"), last(30 * DAY)) >= 2
    yield "curious", curious & (algebra.count(exports) < 1)
