# Installs the pinned wheels for RUNTIME and ARCHITECTURE and compiles them. `sam build` runs it through the Makefile of
# layers/targets that the template's parameters name.
ifneq ($(shell $(RUNTIME) -c 'import sys; print("python%d.%d" % sys.version_info[:2])' 2>/dev/null),$(RUNTIME))
$(error no $(RUNTIME) on the PATH, for which the layers are compiled: install it, or run `sam build --use-container`)
endif

PACKAGES := $(ARTIFACTS_DIR)/python
MACHINE := $(if $(filter arm64,$(ARCHITECTURE)),aarch64,$(ARCHITECTURE))
PIP := $(RUNTIME) -m pip --disable-pip-version-check --no-input --quiet

.PHONY: build-DependenciesLayer
build-DependenciesLayer:
	$(PIP) install --target "$(PACKAGES)" --requirement requirements.txt --require-hashes --no-deps --no-compile \
		--only-binary :all: --platform manylinux2014_$(MACHINE) --platform manylinux_2_28_$(MACHINE) --implementation cp --python-version $(RUNTIME:python%=%)
	rm -rf "$(PACKAGES)/bin"
	# of Pillow only what unpacks JPEG and PNG: text, colour profiles, AVIF and WebP weigh 11 MB
	rm -f $(foreach part,avif imagingcms imagingft imagingtk webp,"$(PACKAGES)"/PIL/_$(part).*) \
		$(foreach part,avif brotli freetype harfbuzz lcms2 png16 webpdemux webpmux,"$(PACKAGES)"/pillow.libs/lib$(part)*)
	find "$(PACKAGES)" -type d -name tests -prune -exec rm -rf {} +
	# unchecked: the byte code is right whatever dates the archive gives to the sources; stripped: no path of this machine
	$(RUNTIME) -m compileall -q --invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p /opt "$(PACKAGES)"
