//! The people who work with Firsthand.

use firsthand_model::{Text, Time};
use rusqlite::{Connection, Row};

use super::SqliteStore;
use super::fault::Fault;
use super::query::{Query, cursor, read_cursor};
use super::row::{self, all, execute, one, opt};
use crate::users::VIEWS_MAX;
use crate::{
    AuditEntry, AuditFilter, Invitation, Page, PageRequest, Result, Role, Session, StoreError,
    User, Users, View,
};

const COLUMNS: &str = "
    SELECT id, email, name, role, password, created_at, signed_in_at, disabled_at
    FROM users";

impl Users for SqliteStore {
    fn users(&self) -> Result<Vec<User>> {
        let sql = format!("{COLUMNS}\nORDER BY created_at, id");
        self.read(|reader| all(reader, &sql, [], |row| user_from_row(row, 0)))
    }

    fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        let sql = format!("{COLUMNS}\nWHERE email = $1");
        self.read(|reader| one(reader, &sql, [email], |row| user_from_row(row, 0)))
    }

    fn user_by_identity(&self, issuer: &str, subject: &str) -> Result<Option<User>> {
        let sql = format!(
            "{COLUMNS}
            WHERE id = (SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2)"
        );
        self.read(|reader| one(reader, &sql, [issuer, subject], |row| user_from_row(row, 0)))
    }

    fn link_identity(&self, issuer: &str, subject: &str, user: &str, at: Time) -> Result<()> {
        const INSERT: &str = "
            INSERT INTO identities (issuer, subject, user_id, linked_at)
            SELECT $1, $2, id, $3
            FROM users
            WHERE id = $4
            ON CONFLICT (issuer, subject) DO NOTHING";
        self.write(|writer| {
            if execute(writer, INSERT, (issuer, subject, at.0, user))? == 0 {
                let what = "an identity that is somebody else's".to_owned();
                return Err(StoreError::Refused { what }.into());
            }
            Ok(())
        })
    }

    fn add_user(&self, user: &User) -> Result<()> {
        self.write(|writer| insert(writer, user))
    }

    fn change_user(&self, user: &User) -> Result<bool> {
        self.write(|writer| {
            if user.disabled_at.is_some() {
                end_all(writer, &user.id)?;
            }
            update(writer, user)
        })
    }

    fn begin_session(&self, session: &Session) -> Result<()> {
        const EXPIRED: &str = "DELETE FROM sessions WHERE expires_at <= $1";
        const OLD_LINKS: &str = "DELETE FROM invitations WHERE expires_at <= $1";
        const SEEN: &str = "UPDATE users SET signed_in_at = $1 WHERE id = $2";
        const INSERT: &str = "
            INSERT INTO sessions (hash, user_id, created_at, expires_at)
            VALUES ($1, $2, $3, $4)";
        let Session { hash, user, created_at, expires_at } = session;
        self.write(|writer| {
            execute(writer, EXPIRED, [created_at.0])?;
            execute(writer, OLD_LINKS, [created_at.0])?;
            execute(writer, SEEN, (created_at.0, user.as_str()))?;
            execute(writer, INSERT, (hash.as_str(), user.as_str(), created_at.0, expires_at.0))?;
            Ok(())
        })
    }

    fn session(&self, hash: &str, now: Time) -> Result<Option<(Session, User)>> {
        const SQL: &str = "
            SELECT s.hash, s.user_id, s.created_at, s.expires_at,
                   u.id, u.email, u.name, u.role, u.password, u.created_at, u.signed_in_at,
                   u.disabled_at
            FROM sessions AS s
            JOIN users AS u ON u.id = s.user_id
            WHERE s.hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL";
        self.read(|reader| {
            one(reader, SQL, (hash, now.0), |row| {
                let session = Session {
                    hash: row::text(row, 0)?,
                    user: row::text(row, 1)?,
                    created_at: row::time(row, 2)?,
                    expires_at: row::time(row, 3)?,
                };
                Ok((session, user_from_row(row, 4)?))
            })
        })
    }

    fn end_session(&self, hash: &str) -> Result<bool> {
        const SQL: &str = "DELETE FROM sessions WHERE hash = $1";
        Ok(self.write(|writer| execute(writer, SQL, [hash]))? > 0)
    }

    fn invite(&self, invitation: &Invitation) -> Result<()> {
        const BEFORE: &str = "
            DELETE FROM invitations
            WHERE user_id = $1 OR (user_id IS NULL AND $1 IS NULL)";
        const INSERT: &str = "
            INSERT INTO invitations (hash, user_id, created_at, expires_at)
            VALUES ($1, $2, $3, $4)";
        let user = opt(invitation.user.as_ref());
        let (made, until) = (invitation.created_at.0, invitation.expires_at.0);
        self.write(|writer| {
            execute(writer, BEFORE, [user])?;
            execute(writer, INSERT, (invitation.hash.as_str(), user, made, until))?;
            Ok(())
        })
    }

    fn invitation(&self, hash: &str, now: Time) -> Result<Option<Invitation>> {
        self.read(|reader| invitation(reader, hash, now))
    }

    fn redeem(&self, hash: &str, user: &User, now: Time) -> Result<bool> {
        const USED: &str = "DELETE FROM invitations WHERE hash = $1";
        self.write(|writer| {
            let Some(found) = invitation(writer, hash, now)? else { return Ok(false) };
            match found.user {
                None => insert(writer, user)?,
                Some(of) if of == user.id => _ = update(writer, user)?,
                Some(_) => return Ok(false),
            }
            end_all(writer, &user.id)?;
            execute(writer, USED, [hash])?;
            Ok(true)
        })
    }

    fn views(&self, user: &str, page: &str) -> Result<Vec<View>> {
        const SQL: &str = "
            SELECT page, name, query
            FROM views
            WHERE user_id = $1 AND page = $2
            ORDER BY name";
        self.read(|reader| {
            all(reader, SQL, (user, page), |row| {
                Ok(View {
                    page: row::text(row, 0)?,
                    name: row::text(row, 1)?,
                    query: row::text(row, 2)?,
                })
            })
        })
    }

    fn keep_view(&self, user: &str, view: &View) -> Result<()> {
        const COUNT: &str = "
            SELECT COUNT(*)
            FROM views
            WHERE user_id = $1 AND page = $2 AND name <> $3";
        const UPSERT: &str = "
            INSERT INTO views (user_id, page, name, query)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, page, name) DO UPDATE
            SET query = excluded.query";
        let (page, name) = (view.page.as_str(), view.name.as_str());
        self.write(|writer| {
            let others = one(writer, COUNT, (user, page, name), |row| Ok(row.get::<_, i64>(0)?))?;
            if others.unwrap_or(0) >= i64::from(VIEWS_MAX) {
                let what = format!("more than {VIEWS_MAX} views of one page");
                return Err(StoreError::Refused { what }.into());
            }
            execute(writer, UPSERT, (user, page, name, view.query.as_str()))?;
            Ok(())
        })
    }

    fn forget_view(&self, user: &str, page: &str, name: &str) -> Result<bool> {
        const SQL: &str = "
            DELETE FROM views
            WHERE user_id = $1 AND page = $2 AND name = $3";
        Ok(self.write(|writer| execute(writer, SQL, (user, page, name)))? > 0)
    }

    fn write_audit(&self, entry: &AuditEntry) -> Result<()> {
        const INSERT: &str = "
            INSERT INTO audit (at, by_whom, act, about)
            VALUES ($1, $2, $3, $4)";
        let (by, act, about) = (entry.by.as_str(), entry.act.as_str(), entry.about.as_str());
        self.write(|writer| execute(writer, INSERT, (entry.at.0, by, act, about)))?;
        Ok(())
    }

    fn audit(&self, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditEntry>> {
        const LIST: &str = "audit";
        self.read(|reader| {
            let mut query = Query::new("SELECT id, at, by_whom, act, about FROM audit");
            query
                .and_if("by_whom = ?", filter.by.as_ref().map(ToString::to_string))
                .and_if("act = ?", filter.act.as_ref().map(ToString::to_string))
                .and_if("at >= ?", filter.from.map(|it| it.0))
                .and_if("at < ?", filter.to.map(|it| it.0));
            if let Some(([id], [])) = read_cursor::<1, 0>(LIST, page)? {
                query.and("id < ?", [id.into()]);
            }
            let from_row = |row: &Row<'_>| {
                let entry = AuditEntry {
                    at: row::time(row, 1)?,
                    by: row::text(row, 2)?,
                    act: row::text(row, 3)?,
                    about: row::text(row, 4)?,
                };
                Ok((row.get::<_, i64>(0)?, entry))
            };
            let found =
                query.page(reader, "id DESC", page, from_row, |it| cursor(LIST, &[it.0], &[]))?;
            let rows = found.rows.into_iter().map(|it| it.1).collect();
            Ok(Page { rows, next: found.next })
        })
    }

    fn audit_words(&self, most: u32) -> Result<(Vec<Text>, Vec<Text>)> {
        const BY: &str = "
            SELECT by_whom
            FROM audit
            GROUP BY by_whom
            ORDER BY by_whom
            LIMIT $1";
        const ACTS: &str = "
            SELECT act
            FROM audit
            GROUP BY act
            ORDER BY act
            LIMIT $1";
        self.read(|reader| {
            let words = |sql: &'static str| all(reader, sql, [most], |it| row::text(it, 0));
            Ok((words(BY)?, words(ACTS)?))
        })
    }
}

fn invitation(reader: &Connection, hash: &str, now: Time) -> Result<Option<Invitation>, Fault> {
    const SQL: &str = "
        SELECT hash, user_id, created_at, expires_at
        FROM invitations
        WHERE hash = $1 AND expires_at > $2";
    one(reader, SQL, (hash, now.0), |row| {
        Ok(Invitation {
            hash: row::text(row, 0)?,
            user: row::text_or_none(row, 1)?,
            created_at: row::time(row, 2)?,
            expires_at: row::time(row, 3)?,
        })
    })
}

fn insert(writer: &Connection, user: &User) -> Result<(), Fault> {
    const INSERT: &str = "
        INSERT INTO users (id, email, name, role, password, created_at, signed_in_at, disabled_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let parameters = (
        user.id.as_str(),
        user.email.as_str(),
        user.name.as_str(),
        user.role.word(),
        opt(user.password.as_ref()),
        user.created_at.0,
        user.signed_in_at.map(Time::micros),
        user.disabled_at.map(Time::micros),
    );
    execute(writer, INSERT, parameters)?;
    Ok(())
}

fn update(writer: &Connection, user: &User) -> Result<bool, Fault> {
    const UPDATE: &str = "
        UPDATE users
        SET email = $1, name = $2, role = $3, password = $4, disabled_at = $5
        WHERE id = $6";
    let parameters = (
        user.email.as_str(),
        user.name.as_str(),
        user.role.word(),
        opt(user.password.as_ref()),
        user.disabled_at.map(Time::micros),
        user.id.as_str(),
    );
    Ok(execute(writer, UPDATE, parameters)? > 0)
}

fn end_all(writer: &Connection, user: &str) -> Result<(), Fault> {
    execute(writer, "DELETE FROM sessions WHERE user_id = $1", [user])?;
    Ok(())
}

fn user_from_row(row: &Row<'_>, from: usize) -> Result<User, Fault> {
    Ok(User {
        id: row::text(row, from)?,
        email: row::text(row, from + 1)?,
        name: row::text(row, from + 2)?,
        role: row::word(row, from + 3, "users", "role", Role::from_word)?,
        password: row::text_or_none(row, from + 4)?,
        created_at: row::time(row, from + 5)?,
        signed_in_at: row::time_or_none(row, from + 6)?,
        disabled_at: row::time_or_none(row, from + 7)?,
    })
}
