-- Open and closed cases of a company with their reminders. The view shows what its reader may see, not its owner.

CREATE OR REPLACE VIEW recovery_overview WITH (security_invoker = true) AS
SELECT c.id AS case_id,
       c.company_id,
       c.state,
       c.opened_at,
       c.event_count,
       count(a.id) FILTER (WHERE a.state = 'scheduled') AS reminders_scheduled,
       count(a.id) FILTER (WHERE a.state = 'sent') AS reminders_sent
FROM recovery_cases c LEFT JOIN recovery_actions a ON a.case_id = c.id
GROUP BY c.id;

GRANT SELECT ON recovery_overview TO webhook_app, webhook_scheduler;
