"""The templates of a contract's operations, shared by all actors that use the same platform."""

from pytest_examday.contract.contract import Contract
from pytest_examday.load.request import Origin
from pytest_examday.load.request_template import RequestTemplate

_PLATFORMS_AT_ONCE = 8


class OperationTemplates(dict[str, RequestTemplate]):
    """Templates by the name of their operation. Each is made at its first use; raises Unsendable for an operation that
    can never be sent."""

    def __init__(self, origin: Origin, contract: Contract) -> None:
        super().__init__()
        self.origin = origin
        self.contract = contract
        self.sends_person_values = contract.sends_person_values
        self.keeps = bool(contract.kept_names)

    def __missing__(self, name: str) -> RequestTemplate:
        contract = self.contract
        template = RequestTemplate(self.origin, getattr(contract, name), contract.request_id_header, contract.headers)
        self[name] = template
        return template


_known: dict[tuple[str, int], OperationTemplates] = {}


def templates_of(base_url: str, contract: Contract) -> OperationTemplates:
    """The templates for this contract object; raises ValueError if the URL is not http or https."""
    place = (base_url, id(contract))  # the templates keep the contract alive, so no other object can get its id
    templates = _known.get(place)
    if templates is None:
        if len(_known) >= _PLATFORMS_AT_ONCE:
            _known.clear()
        templates = _known[place] = OperationTemplates(Origin.of(base_url), contract)
    return templates
