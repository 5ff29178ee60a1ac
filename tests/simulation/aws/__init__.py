"""AWS in memory, under a clock that the simulation moves: each service answers as `store.aws.AwsClient.call` does.

What a service can't do here raises NotImplementedError, so that nothing the product asks for is silently left out.
"""
