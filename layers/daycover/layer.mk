# Copies the product and compiles it for RUNTIME. `sam build` runs it through the Makefile of layers/targets that the
# template's parameters name.
ifneq ($(shell $(RUNTIME) -c 'import sys; print("python%d.%d" % sys.version_info[:2])' 2>/dev/null),$(RUNTIME))
$(error no $(RUNTIME) on the PATH, for which the layers are compiled: install it, or run `sam build --use-container`)
endif

.PHONY: build-DaycoverLayer
build-DaycoverLayer:
	cp -R python "$(ARTIFACTS_DIR)/python"
	find "$(ARTIFACTS_DIR)/python" -name __pycache__ -prune -exec rm -rf {} +
	# unchecked: the byte code is right whatever dates the archive gives to the sources; stripped: no path of this machine
	$(RUNTIME) -m compileall -q --invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p /opt "$(ARTIFACTS_DIR)/python"
