"""Who changes pictures that were published."""

from msgspec import Struct

from stockroom.images.picture import Picture


class Actor(Struct, frozen=True):
    """A person by the id of an owner. An administrator may change everybody's pictures."""

    owner_id: int
    is_admin: bool

    def may_change(self, picture: Picture) -> bool:
        """Whether a picture is this person's to change."""
        return self.is_admin or picture.owner_id == self.owner_id
