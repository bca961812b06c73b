/** What the bench of many nodes is built of: the same cluster, nodes and balancer as the tests of many nodes. */
export { postgresPrograms, startCluster } from '../helpers/cluster.js'
export { hasNginx } from '../nodes/balancer.js'
export { startSite } from '../nodes/site.js'
export { picture } from '../scale/picture.js'
