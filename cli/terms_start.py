"""The file a new agreement begins with: complete and commented; what only the parties know is asked for in <…>."""

from __future__ import annotations

START = """\
# A service level agreement for Makegood. Fill in what stands in <…>, change what you like, then:
#   makegood terms check FILE    what is wrong, and what could be better
#   makegood terms show FILE     the agreement in plain English, with examples of what it pays
#   makegood terms sign FILE     each party signs exactly these words; comments and layout do not count
apiVersion: openslo/v1
kind: Service
metadata:
  name: service
  displayName: "<what the service is called>"
spec:
  description: "<what is provided, in a sentence>"
---
# Where measurements come from: every oracle node asks this address by itself.
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: probe
spec:
  description: A request to the service at a fixed interval, from each oracle node.
  type: http-probe
  connectionDetails:
    url: "<the web address to ask, https://…>"
    intervalMilliseconds: 60000
    timeoutMilliseconds: 5000
---
# What is measured: the part of good answers, of all requests whose outcome is known.
apiVersion: openslo/v1
kind: SLI
metadata:
  name: availability
spec:
  description: Answers with a status below 400, of all requests whose outcome is known.
  ratioMetric:
    counter: true
    good:
      metricSource:
        metricSourceRef: probe
        spec:
          count: up
    total:
      metricSource:
        metricSourceRef: probe
        spec:
          count: known
---
apiVersion: makegood/v1
kind: SLA
metadata:
  name: agreement
  displayName: "<what this agreement is called>"
spec:
  service: service
  description: "<what the provider promises, in a sentence>"
  source: "<the contract or tariff these terms restate>"
  scope: "<what exactly is covered>"
  parties:
    provider:
      name: "<the provider's name>"
      address: "<the provider's account, 0x…>"
    customer:
      name: "<the customer's name>"
      address: "<the customer's account, 0x…>"
    arbiter: # rules when the two disagree; must be neither of them
      name: "<the arbiter's name>"
      address: "<the arbiter's account, 0x…>"
  token: # what the compensation is paid in
    address: "<the token's contract, 0x…>"
    symbol: "<the token's symbol, as in USDC>"
    decimals: "<the token's decimals, as in 6>"
  committee: # the oracle nodes that measure
    address: "<the committee's contract, 0x…>"
  schedule: # whole periods, on the clocks of the zone
    start: "<when the first period starts, as in 2027-01-01T00:00:00>"
    zone: UTC
    every: 1 month
    periods: 12
  charge: # what a part of the charge is a part of
    fixed: "1000.00"
  collateral: "3000.00" # locked by the provider when the agreement is opened
  dispute:
    window: 3 days # how long a claim can be contested before it is paid
    bond: "50.00" # what it costs to contest; the winner has it back, less the arbiter's fee
    arbiterFee: "20.00"
    rulingWithin: 14 days
  reportWithin: 7 days
  claimWithin: 62 days
  openBy: "<until when the agreement can be opened, as in 2027-01-01T00:00:00Z>"
  obligations:
    - name: Availability
      indicator: availability
      owner: "<who answers for it>"
      scope: "<what exactly is promised to be available>"
      objective: at least 99%
      missingData: ignore # a period without data pays nothing
      tiers: # from the objective outwards; meeting a bound exactly is the better band
        - below: 99%
          atLeast: 95%
          pay: 10% of charge
        - below: 95%
          atLeast: 90%
          pay: 30% of charge
        - below: 90%
          pay: 100% of charge
"""

QUICK = {
    "DataSource.spec.connectionDetails.intervalMilliseconds": "500",
    "DataSource.spec.connectionDetails.timeoutMilliseconds": "2000",
    "SLA.spec.schedule.zone": "UTC",
    "SLA.spec.schedule.every": "1 minute",
    "SLA.spec.schedule.periods": "10",
    "SLA.spec.dispute.window": "1 minute",
    "SLA.spec.dispute.rulingWithin": "10 minutes",
    "SLA.spec.reportWithin": "6 minutes",
    "SLA.spec.claimWithin": "30 minutes",
}
"""For a first try on a chain of one's own: everything happens within minutes."""
