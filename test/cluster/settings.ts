/**
 * Names and addresses on the machine. One cluster per number: AIRSIDE_TEST_CLUSTER
 * chooses another than 0, for the test that starts and stops one beside all others.
 */
export const CLUSTER_NUMBER = Number(process.env['AIRSIDE_TEST_CLUSTER'] || 0)
if (!Number.isInteger(CLUSTER_NUMBER) || CLUSTER_NUMBER < 0 || CLUSTER_NUMBER > 9) throw new Error('AIRSIDE_TEST_CLUSTER is a number from 0 to 9')
const net = 122 + 2 * CLUSTER_NUMBER

export const BRIDGE = `airside${CLUSTER_NUMBER}`
export const BRIDGE_MAC = `02:a1:51:de:00:0${CLUSTER_NUMBER}`
/** The bridge's address: the node's, the API server's, and where pods reach the host. Not podman's 10.88. */
export const HOST_ADDRESS = `10.${net}.0.1`
export const POD_RANGE = `10.${net}.0.0/16`
export const FIRST_POD_ADDRESS = `10.${net}.1.1`
export const SERVICE_RANGE = `10.${net + 1}.0.0/24`
export const API_SERVICE_ADDRESS = `10.${net + 1}.0.1`
export const API_PORT = 6443
/** All of 127/8 is local: a loopback address of its own needs no free port. */
export const ETCD_ADDRESS = `127.122.${CLUSTER_NUMBER}.1`
export const NODE_NAME = 'airside'
/** Every process of the cluster is in or below this cgroup. */
export const CGROUP = `airside-test-cluster-${CLUSTER_NUMBER}`
export const IPTABLES_CHAIN = `AIRSIDE-TEST-${CLUSTER_NUMBER}`
export const POINTER_FOLDER = '/run/airside-test-cluster'
/** What the running cluster is, whoever started it from wherever. */
export const POINTER_NAME = `${CLUSTER_NUMBER}.json`
export const LOCK_FILE = '/run/airside-test-cluster.lock'
