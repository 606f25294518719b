#include "host/file_explorer_job.hpp"

namespace angod::host {

RunResult run_file_explorer(Job &, const ango_file_explorer_v1 &, ango_instance *) {
    return Failure{"This version of the plugin server cannot run plugins of this kind yet.", "", -1};
}

} // namespace angod::host
