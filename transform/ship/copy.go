package ship

// Copy says that what a deployment to an environment is to one service it is to another, too: both have all of the repository,
// and the same deployments there.
type Copy struct{ Repository, Environment, From, To string }
