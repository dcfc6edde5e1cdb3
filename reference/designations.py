"""What the first words of a unit's published name say: its kind, and where its own name begins."""

from enum import StrEnum


class UnitKind(StrEnum):
    PROVINCE = "PROVINCE"
    COMMUNE = "COMMUNE"
    WARD = "WARD"
    TOWNSHIP = "TOWNSHIP"
    SPECIAL_ZONE = "SPECIAL_ZONE"


KIND_BY_DESIGNATION = {
    "Tỉnh": UnitKind.PROVINCE,
    "Thành phố": UnitKind.PROVINCE,
    "Xã": UnitKind.COMMUNE,
    "Phường": UnitKind.WARD,
    "Thị trấn": UnitKind.TOWNSHIP,
    "Đặc khu": UnitKind.SPECIAL_ZONE,
}


def designation_of(full_name: str) -> str:
    """Return the words that say the kind. Raises ValueError for a name that starts with none of them."""
    for designation in KIND_BY_DESIGNATION:
        if full_name.startswith(f"{designation} "):
            return designation
    raise ValueError(f"`{full_name}` starts with no known designation")


def own_name_of(full_name: str) -> str:
    """Return the name without its designation; a unit that has only a number keeps it, as in `Phường 3`."""
    own = full_name.removeprefix(designation_of(full_name)).lstrip()
    return full_name if own.isdigit() else own
