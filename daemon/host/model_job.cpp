#include "host/model_job.hpp"

namespace angod::host {

RunResult run_model(Job &, const ango_model_v1 &, ango_instance *) {
    return Failure{"This version of the plugin server cannot run plugins of this kind yet.", "", -1};
}

} // namespace angod::host
