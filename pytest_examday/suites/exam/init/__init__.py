"""The command `init`: drafts a configuration, from an OpenAPI document if there is one."""
