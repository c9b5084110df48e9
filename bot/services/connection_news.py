"""Carries what is said about a connection to its owner."""

from __future__ import annotations

from bot.domain.calendar import ConnectionState
from bot.domain.delivery import ConnectionNews, Delivery
from bot.domain.ids import ConnectionId, UserId
from bot.ports import Notifier, UnitOfWorkFactory
from bot.services.connections import Connections


class ConnectionCarrier:
    """News that time has overtaken (removed or mended meanwhile) is not sent, and counts as done."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, notifier: Notifier, connections: Connections) -> None:
        self._unit_of_work = unit_of_work
        self._notifier = notifier
        self._connections = connections

    def news(self, delivery: Delivery) -> None:
        news, to = ConnectionNews(delivery.about), UserId(delivery.recipient)
        with self._unit_of_work() as unit:
            connection = unit.connections.get(ConnectionId(delivery.subject_id))
        if connection is None:
            return
        if news is ConnectionNews.BROKEN and connection.state is not ConnectionState.BROKEN:
            return
        self._notifier.connection_news(to, news, connection, self._connections.name_of(connection), delivery.id)
