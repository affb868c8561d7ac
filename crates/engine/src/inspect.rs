//! What the faces ask of the server itself: whether it is ready, what changed, who may read its metrics, and where a
//! publisher may publish.

use crate::rights::allow;
use crate::{Engine, EngineError};
use wigwag_access::{Action, Principal, Source, Thing};
use wigwag_base::{Page, PageOf, ProjectId};
use wigwag_ports::flags::{AuditCheck, AuditFilter, AuditRow};
use wigwag_ports::maintenance::StoreStatus;
use wigwag_ports::registry::PathKey;

impl Engine {
    /// Answers when the server can do its work.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] says what is wrong.
    pub async fn ready(&self) -> Result<StoreStatus, EngineError> {
        Ok(self.inner.store.ready().await?)
    }

    /// The audit log, newest first. Admins only.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub async fn audit(
        &self,
        principal: &Principal,
        filter: AuditFilter,
        page: Page,
    ) -> Result<PageOf<AuditRow>, EngineError> {
        allow(principal, Action::ReadAudit, Thing::Server)?;
        Ok(self.inner.store.audit(filter, page).await?)
    }

    /// Whether the audit log is the chain that it was written as, and still holds the row whose hash is `kept`. Admins
    /// only.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`], the store's.
    pub async fn verify_audit(
        &self,
        principal: &Principal,
        kept: Option<[u8; 32]>,
    ) -> Result<AuditCheck, EngineError> {
        allow(principal, Action::ReadAudit, Thing::Server)?;
        Ok(self.inner.store.verify_audit(kept).await?)
    }

    /// Whether the principal may read the metrics.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub fn may_read_metrics(&self, principal: &Principal) -> Result<(), EngineError> {
        allow(principal, Action::ReadMetrics, Thing::Server)
    }

    /// The project, if the principal may publish events there. No store read when warm.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], for strangers too; [`EngineError::Forbidden`].
    pub async fn publishing_project(
        &self,
        principal: &Principal,
        key: PathKey<ProjectId>,
    ) -> Result<ProjectId, EngineError> {
        let id = match key {
            PathKey::Id(id) => id,
            path @ PathKey::FullPath(_) => {
                self.find_project(path).await?.ok_or(EngineError::NotFound("project"))?.project.id
            }
        };
        self.allow_at(principal, Action::PublishEvents, Source::Project(id)).await?;
        Ok(id)
    }
}
