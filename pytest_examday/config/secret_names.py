"""Which variables hold secrets, by their names."""

from pytest_examday.config.address_secrets import passwords

_SECRET_PARTS = ("PASS", "SECRET", "URL", "DSN", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH", "SALT", "COOKIE")
_CERTAIN_PARTS = ("PASSWORD", "PASSWD", "PASSPHRASE", "SECRET")
_PLAIN_WORDS = frozenset({
    "HOST", "HOSTS", "HOSTNAME", "PORT", "ADDRESS", "DOMAIN", "REGION", "ZONE", "CLUSTER", "CONTEXT", "NAMESPACE",
    "SERVICE", "PROJECT", "APP", "UNIT", "POD", "CONTAINER", "IMAGE", "NAME", "ENV", "ENVIRONMENT", "STAGE",
    "USER", "USERNAME", "EMAIL", "DIR", "DIRECTORY", "FOLDER", "PATH", "FILE", "HOME", "KUBECONFIG", "LANG",
    "ID", "COUNT", "NUMBER", "SECONDS", "VERSION", "LEVEL",
})  # fmt: skip


def may_be_secret(name: str, value: str) -> bool:
    """Whether the value may be a secret: because of the variable's name, or because it is an address with a
    password."""
    return any(part in name.upper() for part in _SECRET_PARTS) or any(passwords(value))


def is_secret_by_name(name: str) -> bool:
    """Whether the name can only be that of a secret."""
    return any(part in name.upper() for part in _CERTAIN_PARTS)


def says_plain(name: str) -> bool:
    """Whether the last word of the variable's name says that it holds no secret."""
    return name.upper().rpartition("_")[2] in _PLAIN_WORDS
