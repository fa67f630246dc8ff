package reference

import "fourfold/internal/truth"

// SettingsOf is what the configuration of a world, with the files that it names, means as of the world's instant.
func SettingsOf(w truth.World) (Settings, error) {
	conf, err := configured(w)
	if err != nil {
		return Settings{}, err
	}
	return settingsOf(conf, w)
}

// Described makes every number of an organisation that somebody has described: its objects, as the API shows them now, and
// its code. The world gives the configuration and the instant; what its sources have shown is not looked at.
func Described(w truth.World, o Objects, code Code) (*Marts, error) {
	conf, err := configured(w)
	if err != nil {
		return nil, err
	}
	s, err := settingsOf(conf, w)
	if err != nil {
		return nil, err
	}
	return martsOf(compute(o, code, s), conf), nil
}
