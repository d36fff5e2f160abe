"""Who changes pictures that were published."""

from msgspec import Struct

from stockroom.images.picture import Picture


class Actor(Struct, frozen=True):
    """A person by the id of an owner. An administrator may change everybody's pictures."""

    owner_id: int
    is_admin: bool

    @property
    def only_owner(self) -> int | None:
        """The owner whose pictures alone are this person's to change; None for those of everybody."""
        return None if self.is_admin else self.owner_id

    def may_change(self, picture: Picture) -> bool:
        """Whether a picture is this person's to change."""
        return self.is_admin or picture.owner_id == self.owner_id
