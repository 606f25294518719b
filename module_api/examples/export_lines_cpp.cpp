// Kind Export: the smallest converter in C++. It copies every asset into one NDJSON file.
#include <ango/module.hpp>

struct Lines : ango::Export {
    void convert(ango::Job &, ango::Reader &assets, ango::Writer &zip) override {
        zip.open("assets.ndjson");
        for (const ango::Asset &asset : assets) zip.write(asset.json).write("\n");
    }
};

ANGO_MODULE(Lines, {.id = "export-lines-cpp", .version = "1.0", .summary = "Copies the assets into one NDJSON file"})
