/** Names and addresses on the machine. One cluster at a time: they are the same for each. */
export const BRIDGE = 'airside0'
/** The bridge's address: the node's, the API server's, and where pods reach the host. Not podman's 10.88. */
export const HOST_ADDRESS = '10.122.0.1'
export const POD_RANGE = '10.122.0.0/16'
export const FIRST_POD_ADDRESS = '10.122.1.1'
export const SERVICE_RANGE = '10.123.0.0/24'
export const API_SERVICE_ADDRESS = '10.123.0.1'
export const API_PORT = 6443
/** All of 127/8 is local: a loopback address of its own needs no free port. */
export const ETCD_ADDRESS = '127.122.0.1'
export const NODE_NAME = 'airside'
/** Every process of the cluster is in or below this cgroup. */
export const CGROUP = 'airside-test-cluster'
export const IPTABLES_CHAIN = 'AIRSIDE-TEST'
/** Which state folder the running cluster uses, whoever started it from wherever. */
export const POINTER_FILE = '/run/airside-test-cluster.json'
export const LOCK_FILE = '/run/airside-test-cluster.lock'
