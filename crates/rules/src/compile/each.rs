//! For-each: one value for each key, member, sibling or period; and standings in a population.

use firsthand_model::diagnostic::codes;
use firsthand_model::fact::Kind;
use firsthand_model::time::Period;

use super::lower::{Lower, Lowered, Refused};
use super::program::{Family, Population};
use super::scopes::{Reach, ScopeKind, Stratum};
use super::types::{Type, Typed, coerced};
use super::version;
use crate::eval::each::{Each, EachPeriod};
use crate::eval::expr::Expr;
use crate::eval::node::NodeKind;
use crate::eval::window::Window;
use crate::lang::ast::{self, At, Key, Quantifier};

impl Lower<'_> {
    pub fn each(
        &mut self,
        tree: &At<ast::Expr>,
        over: Quantifier,
        key: &Key,
        inner: &At<ast::Expr>,
        within: Option<&At<ast::Window>>,
    ) -> Lowered<Typed> {
        let kind = match key {
            Key::Period(unit) => {
                let window = self.windows(within.map_or(&[], std::slice::from_ref))?;
                let start = self.start()?;
                return self.each_period(*unit, inner, Some(over), window, start);
            }
            Key::Sibling => return self.family(tree, over, inner),
            Key::Member
                if self.scopes.depth_of(Kind::Account) != Some(self.scopes.subject_depth()) =>
            {
                let message = "only an account has members";
                let help = "Ask it of the person directly, or of the account: `account (…)`.";
                return Err(self.error(codes::WRONG_PLACE, tree, message, help));
            }
            Key::Member => ScopeKind::Member,
            Key::Property(_) => ScopeKind::Key,
        };
        if let Some(within) = within {
            let message = "only days, weeks, months and years lie in a window";
            let help = "Put the window into the events that are counted.";
            return Err(self.error(codes::WRONG_PLACE, within, message, help));
        }
        self.once_here(tree, |this| {
            this.scopes.open(kind);
            let answer = this.in_event(false, |this| this.answer(over, inner));
            let root = answer.map(|it| (this.scopes.as_node(it.expr), it.ty, it.runs));
            let graph = this.scopes.close();
            let (root, ty, runs) = root?;
            let property = match key {
                Key::Property(path) => Some(this.path(path)),
                _ => None,
            };
            let each = Each { property, inner: graph, root, over };
            let expr = this.scopes.node(NodeKind::Each(Box::new(each)));
            Ok(Typed { expr, ty: combined(over, ty), runs })
        })
    }

    /// Compiles a for-each once for its place in a text and the graph it stands in. Its own graph
    /// is a new one, in which names are built anew, and they may ask for each member again.
    fn once_here(
        &mut self,
        tree: &At<ast::Expr>,
        build: impl FnOnce(&mut Self) -> Lowered<Typed>,
    ) -> Lowered<Typed> {
        let place = (self.place(tree), self.shift);
        let known = self.scopes.innermost().placed.get(&place).cloned();
        let placed = known.unwrap_or_else(|| {
            let (built, reach) = self.apart(build);
            let placed = built.ok().map(|it| (it, reach));
            self.scopes.innermost().placed.insert(place, placed.clone());
            placed
        });
        let (value, reach) = placed.ok_or(Refused)?;
        self.reach.widen(reach);
        Ok(value)
    }

    /// What is asked of each key: a condition, or a value that stands still between facts.
    pub fn answer(&mut self, over: Quantifier, inner: &At<ast::Expr>) -> Lowered<Typed> {
        if matches!(over, Quantifier::Any | Quantifier::Every | Quantifier::Number) {
            return Ok(Typed::still(self.condition(inner)?, Type::Bool));
        }
        let value = self.value(inner)?;
        // Durations all run alike, so that the greatest stays the greatest between facts.
        let alike = matches!(inner.node, ast::Expr::Since(_) | ast::Expr::Until(_));
        if value.runs && !alike {
            let message = "values that run with time differently cannot be brought together";
            return Err(self.not_linear(inner, message));
        }
        let Some(ty) = value.ty.common(&Type::LooseNumber) else {
            let message = format!("{} stands where a number is needed", value.ty.word());
            let help = if value.ty == Type::Bool && over == Quantifier::Sum {
                "Count those for which it is true: `number of … has (…)`."
            } else {
                "Write a number or a formula, such as `count(any)`."
            };
            return Err(self.error(codes::TYPE_MISMATCH, inner, message, help));
        };
        let runs = value.runs;
        Ok(Typed { expr: coerced(value, &ty), ty, runs })
    }

    pub fn each_period(
        &mut self,
        unit: Period,
        inner: &At<ast::Expr>,
        over: Option<Quantifier>,
        window: Window,
        start: Expr,
    ) -> Lowered<Typed> {
        self.scopes.open(ScopeKind::Period);
        let answer =
            self.in_event(false, |this| this.answer(over.unwrap_or(Quantifier::Any), inner));
        let root = answer.map(|it| (self.scopes.as_node(it.expr), it.ty));
        let graph = self.scopes.close();
        let (root, ty) = root?;
        let node = EachPeriod { unit, inner: graph, root, over, window, start };
        let ty = over.map_or(Type::Number, |over| combined(over, ty));
        Ok(Typed::still(self.scopes.node(NodeKind::EachPeriod(Box::new(node))), ty))
    }

    pub fn family(
        &mut self,
        tree: &At<ast::Expr>,
        over: Quantifier,
        inner: &At<ast::Expr>,
    ) -> Lowered<Typed> {
        if self.scopes.root() != Kind::Account || self.scopes.subject_depth() != 0 {
            let message = "only an account has siblings";
            return Err(self.error(
                codes::WRONG_PLACE,
                tree,
                message,
                "Ask it of the account: `account (…)`.",
            ));
        }
        let build = |this: &mut Self| {
            let answer = this.answer(over, inner)?;
            Ok((this.scopes.as_node(answer.expr), answer.ty, answer.runs))
        };
        let (built, reach) = self.apart(|this| this.at_depth(0, build));
        let (node, ty, runs) = built?;
        self.only_own(tree, "what is asked of siblings", &reach)?;
        self.reach.widen(Reach { stratum: Stratum::Family, through: None });
        let found = self.families.iter().find(|it| it.node == node && it.over == over);
        let known = found.map(|family| family.slot);
        let slot = known.unwrap_or_else(|| {
            let slot = self.slot();
            self.families.push(Family { slot, node, over });
            slot
        });
        let expr = self.node_at(0, NodeKind::Imported(slot));
        Ok(Typed { expr, ty: combined(over, ty), runs })
    }

    pub fn percentile(
        &mut self,
        tree: &At<ast::Expr>,
        of: &At<ast::Expr>,
        among: &At<ast::Expr>,
    ) -> Lowered<Typed> {
        let build = |this: &mut Self| {
            let value = this.answer(Quantifier::Max, of)?;
            let among = this.condition(among)?;
            Ok((this.scopes.as_node(value.expr), Some(this.scopes.as_node(among))))
        };
        let expr = self.population(tree, false, &[of, among], build)?;
        Ok(Typed::still(expr, Type::Percent))
    }

    /// The place from the top among the people of the account, taken daily. Inside `member` it is
    /// worked out in the account's own graph; for a person's own definition the account tells it.
    pub fn rank(&mut self, tree: &At<ast::Expr>, of: &At<ast::Expr>) -> Lowered<Typed> {
        if self.scopes.subject() != Kind::Person {
            let message = "a rank among members is a person's";
            let help = "Use it inside `member`, or in a definition with `subject: person`.";
            return Err(self.error(codes::WRONG_SUBJECT, tree, message, help));
        }
        if let Some(depth) = self.scopes.depth_of(Kind::Account) {
            let node = self.at_depth(depth, |this| {
                let ranks = this.once_here(tree, |this| {
                    this.scopes.open(ScopeKind::Member);
                    let answer = this.answer(Quantifier::Max, of);
                    let root = answer.map(|it| this.scopes.as_node(it.expr));
                    let inner = this.scopes.close();
                    let each = Each { property: None, inner, root: root?, over: Quantifier::Max };
                    let ranks = this.scopes.node(NodeKind::Ranks(Box::new(each)));
                    Ok(Typed::still(ranks, Type::Number))
                })?;
                Ok(this.scopes.as_node(ranks.expr))
            })?;
            let place = Expr::OwnPlace(self.scopes.seen_from_here(depth, node));
            return Ok(Typed::still(place, Type::Number));
        }
        let build = |this: &mut Self| {
            let value = this.answer(Quantifier::Max, of)?;
            Ok((this.scopes.as_node(value.expr), None))
        };
        let expr = self.population(tree, true, &[of], build)?;
        Ok(Typed::still(expr, Type::Number))
    }

    /// A standing by a value, among those for whom a condition holds, or everybody.
    fn population(
        &mut self,
        tree: &At<ast::Expr>,
        rank: bool,
        texts: &[&At<ast::Expr>],
        build: impl FnOnce(&mut Self) -> Lowered<(u32, Option<u32>)>,
    ) -> Lowered<Expr> {
        if self.scopes.depth() > self.scopes.subject_depth() || self.scopes.subject_depth() != 0 {
            let message = "a standing is asked of the whole subject, not of a part of it";
            return Err(self.error(
                codes::WRONG_PLACE,
                tree,
                message,
                "Move it out of the for-each.",
            ));
        }
        let (built, reach) = self.apart(|this| this.at_depth(0, build));
        let (value, among) = built?;
        self.only_own(tree, "what a standing is taken by", &reach)?;
        self.reach.widen(Reach { stratum: Stratum::Population, through: None });
        let kind = self.scopes.root();
        let same =
            |it: &&Population| (it.kind, it.value, it.among, it.rank) == (kind, value, among, rank);
        let known = self.populations.iter().find(same).map(|it| it.slot);
        let slot = known.unwrap_or_else(|| {
            let slot = self.slot();
            let key = version::of_standing(self.project, kind, rank, texts);
            self.populations.push(Population { key, slot, kind, value, among, rank });
            slot
        });
        Ok(self.node_at(0, NodeKind::Imported(slot)))
    }

    /// Families and populations are judged in one pass over what subjects are by themselves, so
    /// that what is asked of them looks no farther.
    fn only_own(&mut self, tree: &At<ast::Expr>, what: &str, reach: &Reach) -> Lowered<()> {
        let farther = match reach.stratum {
            Stratum::Own => return Ok(()),
            Stratum::Family => "asks siblings",
            Stratum::Population => "takes a standing",
        };
        let message = match &reach.through {
            Some((kind, name)) => format!("{what} reads the {kind} `{name}`, which {farther}"),
            None => format!("{what} {farther} itself"),
        };
        let help = "Siblings and standings are judged by what each subject is by itself: ask each \
                    question on its own.";
        Err(self.error(codes::LIMIT, tree, message, help))
    }
}

/// The type of what comes out of a for-each.
fn combined(over: Quantifier, ty: Type) -> Type {
    match over {
        Quantifier::Any | Quantifier::Every => Type::Bool,
        Quantifier::Number => Type::Number,
        _ => ty,
    }
}
