"""Who hears that a month costs more than it should."""

from tests.infra.template import Template


def test_a_budget_is_mailed_about_before_and_after_it_is_spent(chosen: Template) -> None:
    _, budget = chosen.one("AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 50, "Unit": "USD"}
    assert budget["Budget"]["TimeUnit"] == "MONTHLY"
    for notified in budget["NotificationsWithSubscribers"]:
        assert notified["Subscribers"] == [{"Address": "operators@example.org", "SubscriptionType": "EMAIL"}]
    assert {each["Notification"]["NotificationType"] for each in budget["NotificationsWithSubscribers"]} == {
        "FORECASTED",
        "ACTUAL",
    }


def test_without_a_choice_there_is_none(template: Template) -> None:
    assert template.of_type("AWS::Budgets::Budget") == {}
