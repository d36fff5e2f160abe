"""The budget: a mail when the bill of a month is expected to pass it, and another when it has."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra.stage import Stage


class Budget(Construct):
    """Of the whole account: AWS tells the costs of one stack apart only where somebody has switched it on."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        if stage.monthly_budget is None or stage.alarm_email is None:
            return
        subscriber = budgets.CfnBudget.SubscriberProperty(
            subscription_type="EMAIL", address=stage.alarm_email
        )
        budgets.CfnBudget(
            self,
            "Monthly",
            budget=budgets.CfnBudget.BudgetDataProperty(
                # Budgets of an account share their names, in whichever regions their stacks are.
                budget_name=f"{cdk.Aws.STACK_NAME}-{cdk.Aws.REGION}",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=stage.monthly_budget, unit="USD"),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=100,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[subscriber],
                )
                for kind in ("FORECASTED", "ACTUAL")
            ],
        )
