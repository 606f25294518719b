#include "common/row_options.hpp"

namespace ango::common {

void warn_of_unknown_options(Job &job, std::string_view settings, Options &options) {
    Options of_plugin(settings, "{}");
    for (const std::string_view name : {"batch_name_column", "external_id_columns", "upload_batch_size"}) {
        options.given(name); // marks the name as known
        if (of_plugin.given(name))
            job.warning("Option \"" + std::string(name) +
                        "\" has no effect in the plugin's settings. Set it in the configuration of the run.");
    }
    for (const std::string &sentence : options.unknown_names()) job.warning(sentence);
}

} // namespace ango::common
